"""Account service: local accounts, their passwords, and what the caller may do."""

import base64
import re
import time

import msgspec

from fairlead.api_server.kinds import SECRET, SECRETS
from fairlead.api_server.mirror import CATCH_UP
from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.operations.session import Nothing
from fairlead.auth.accounts import ADMIN, Account
from fairlead.auth.bootstrap import now
from fairlead.auth.errors import WeakPasswordError
from fairlead.auth.passwords import require_strong
from fairlead.kube.errors import KubeError

SIGNED_ON_WITHIN = 300
"""Seconds since a login with an identity provider within which a password may be set."""


class TokenDescription(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """An issued token; unix seconds."""

    id: str = ""
    issued_at: int = 0
    expires_at: int = 0


class AccountDescription(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An account without its secrets."""

    name: str
    enabled: bool = False
    capabilities: tuple[str, ...] = ()
    tokens: tuple[TokenDescription, ...] = ()


class AccountsList(msgspec.Struct, frozen=True):
    """Accounts by name."""

    items: list[AccountDescription]


class AccountName(msgspec.Struct, frozen=True, kw_only=True):
    """Names an account."""

    name: str = ""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """May I?"""

    resource: str = ""
    action: str = ""
    subresource: str = ""


class Answer(msgspec.Struct, frozen=True):
    """`yes` or `no`."""

    value: str


class UpdatePassword(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A new password; `name` "" is the caller. The caller's own current password proves who asks."""

    name: str = ""
    current_password: str = ""
    new_password: str = ""

    def __repr__(self) -> str:
        return f"UpdatePassword(name={self.name!r})"


async def list_all(backend: Backend, caller: Caller, _: Nothing) -> AccountsList:
    """The accounts the caller may see."""
    return AccountsList(
        [
            _described(account)
            for name, account in sorted(backend.control.accounts().items())
            if authorize.is_allowed(caller, "accounts", "get", name)
        ]
    )


async def get(backend: Backend, caller: Caller, request: AccountName) -> AccountDescription:
    """One account."""
    authorize.require(caller, "accounts", "get", request.name)
    return _described(_account(backend, request.name))


async def can_i(_: Backend, caller: Caller, request: Question) -> Answer:
    """Whether the caller may do something."""
    authorize.require_words(request.resource, request.action)
    allowed = authorize.is_allowed(caller, request.resource, request.action, request.subresource)
    return Answer("yes" if allowed else "no")


async def update_password(backend: Backend, caller: Caller, request: UpdatePassword) -> Nothing:
    """Set a password; sessions from before end."""
    name = request.name or caller.username
    authorize.require(caller, "accounts", "update", name)
    account = _account(backend, name)
    await _require_proof(backend, caller, request.current_password)
    try:
        require_strong(request.new_password, backend.control.settings.password_pattern)
    except WeakPasswordError as error:
        raise RefusalError(Code.UNKNOWN, str(error)) from error
    except re.error:
        text = "passwordPattern of argocd-cm is no expression that can be read; correct it first"
        raise RefusalError(Code.FAILED_PRECONDITION, text) from None
    await _store(backend, account.name, await backend.login.hashed(request.new_password))
    return Nothing()


async def _require_proof(backend: Backend, caller: Caller, password: str) -> None:
    """Raises RefusalError unless the caller shows who they are: by their password, or a login just now."""
    if caller.is_local:
        own = _account(backend, caller.username)
        if not await backend.login.is_password(own, password, address=caller.address):
            raise RefusalError(Code.INVALID_ARGUMENT, "current password does not match")
    elif not caller.is_logged_in or time.time() - caller.iat > SIGNED_ON_WITHIN:
        text = "SSO token is too old. Please use 'argocd relogin' to get a new token"
        raise RefusalError(Code.UNKNOWN, text)


async def _store(backend: Backend, name: str, hashed: str) -> None:
    prefix = ADMIN if name == ADMIN else f"accounts.{name}"
    values = {f"{prefix}.password": hashed, f"{prefix}.passwordMtime": now()}
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    try:
        await backend.kube.merge_patch(SECRETS, SECRET, {"data": data}, backend.namespace)
    except KubeError as error:
        text = f"{SECRET} could not be written (status {error.status})"
        raise RefusalError(Code.INTERNAL, text) from None
    accounts = backend.control.accounts
    await backend.mirrors.secrets.until(
        lambda: (found := accounts()[name].password_hash) is not None and found.reveal() == hashed,
        seconds=CATCH_UP,
    )


def _account(backend: Backend, name: str) -> Account:
    account = backend.control.accounts().get(name)
    if account is None:
        raise RefusalError(Code.NOT_FOUND, f"account '{name}' does not exist")
    return account


def _described(account: Account) -> AccountDescription:
    return AccountDescription(
        name=account.name,
        enabled=account.enabled,
        capabilities=tuple(str(capability) for capability in account.capabilities),
        tokens=tuple(
            TokenDescription(id=token.id, issued_at=token.iat, expires_at=token.exp)
            for token in account.tokens
        ),
    )
