"""Who is calling: local accounts, passwords, sessions, and the limits on guessing them.

The invariant: a session is believed only while its signature, its account, the account's capability and the
age of its password all still hold; every one of these is asked again on every call.
"""

from fairlead.auth.accounts import Account, Capability, read_accounts
from fairlead.auth.errors import AuthError, InvalidSessionError, LoginRefusedError, UsernameTooLongError
from fairlead.auth.login import Login
from fairlead.auth.sessions import Claims, Revocations, Sessions
from fairlead.auth.throttle import LoginThrottle

__all__ = [
    "Account",
    "AuthError",
    "Capability",
    "Claims",
    "InvalidSessionError",
    "Login",
    "LoginRefusedError",
    "LoginThrottle",
    "Revocations",
    "Sessions",
    "UsernameTooLongError",
    "read_accounts",
]
