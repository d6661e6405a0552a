"""What can go wrong when somebody says who they are. Policy: invalid, the caller has to change something.

AuthError
├── LoginRefusedError       no session is given; the words are the same for every wrong guess
│   └── UsernameTooLongError
├── InvalidSessionError     the token is not, or no longer, a session; `reason` says why
└── WeakPasswordError       a new password does not fit the pattern, or is longer than bcrypt reads
"""


class AuthError(Exception):
    """Any refusal of this library."""


class LoginRefusedError(AuthError):
    """No session is given."""


class UsernameTooLongError(LoginRefusedError):
    """The name cannot be one of ours, so it is not even looked up."""


class InvalidSessionError(AuthError):
    """The token is not, or no longer, a session."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"invalid session: {reason}")
        self.reason = reason


class WeakPasswordError(AuthError):
    """A new password that is not accepted."""
