"""Session service: log in, log out, who am I."""

import msgspec

from fairlead.api_server.counts import LOGINS
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.auth.errors import LoginRefusedError, UsernameTooLongError


class SessionCreate(msgspec.Struct, frozen=True, kw_only=True):
    """Name and password; `token` is an old form that is refused."""

    username: str = ""
    password: str = ""
    token: str = ""

    def __repr__(self) -> str:
        return f"SessionCreate(username={self.username!r})"


class Nothing(msgspec.Struct, frozen=True):
    """A request or an answer without content."""


class SessionToken(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A new session."""

    token: str = ""

    def __repr__(self) -> str:
        return "SessionToken(…)"


class UserInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Who a session belongs to; empty for nobody."""

    logged_in: bool = False
    username: str = ""
    iss: str = ""
    groups: tuple[str, ...] = ()


async def create(backend: Backend, caller: Caller, request: SessionCreate) -> SessionToken:
    """Log in."""
    if request.token:
        raise RefusalError(
            Code.UNAUTHENTICATED,
            "token-based session creation no longer supported. please upgrade argocd cli to v0.7+",
        )
    try:
        token = await backend.login.session(request.username, request.password, address=caller.address)
    except UsernameTooLongError as error:
        raise RefusalError(Code.INVALID_ARGUMENT, str(error)) from error
    except LoginRefusedError as error:
        LOGINS.labels("failure").inc()
        raise RefusalError(Code.UNAUTHENTICATED, str(error)) from error
    LOGINS.labels("success").inc()
    return SessionToken(token=token)


async def delete(_: Backend, __: Caller, ___: Nothing) -> SessionToken:
    """Forget the session in this client. The session itself is ended by `/auth/logout`."""
    return SessionToken()


async def user_info(_: Backend, caller: Caller, __: Nothing) -> UserInfo:
    """Who the caller is."""
    if not caller.is_logged_in:
        return UserInfo()
    return UserInfo(logged_in=True, username=caller.known_as, iss=caller.issuer, groups=caller.groups)
