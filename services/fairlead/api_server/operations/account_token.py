"""Tokens of accounts: made and taken back (contract 12.1, 13.1).

The invariant: a token that is no longer listed in `argocd-secret` is worthless at once; two who make tokens
at the same time lose none.
"""

import base64
from collections.abc import Callable

import msgspec

from fairlead.api_server.config_map import read_secret
from fairlead.api_server.kinds import SECRET, SECRETS
from fairlead.api_server.mirror import CATCH_UP
from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.operations.session import Nothing
from fairlead.auth.accounts import Account, Capability, IssuedToken, read_tokens, tokens_key
from fairlead.kube.errors import ConflictError
from fairlead.kube.head import decode_head

ATTEMPTS = 10
MAX_TOKENS = 500
"""Tokens of one account; all accounts share a Secret of 1 MiB."""
MAX_ID = 256
"""Characters of an id."""
LONGEST = 1 << 40
"""Seconds a token may be asked to live; more is no time anybody means."""


class CreateToken(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A token for an account; `expires_in` in seconds, 0 = no end. Without an id one is made up."""

    name: str = ""
    expires_in: int = 0
    id: str = ""


class DeleteToken(msgspec.Struct, frozen=True, kw_only=True):
    """Names a token of an account."""

    name: str = ""
    id: str = ""


class NewToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token that was made. It is shown this once; no cookie is made of it."""

    token: str

    def __repr__(self) -> str:
        return "NewToken(…)"


async def create(backend: Backend, caller: Caller, request: CreateToken) -> NewToken:
    """A new token of an account that may have some."""
    authorize.require(caller, "accounts", "update", request.name)
    account = _account(backend, request.name)
    require_span(request.id, request.expires_in)
    if not account.can(Capability.API_KEY):
        raise _failed(f"account '{account.name}' does not have {Capability.API_KEY} capability")
    token, claims = backend.sessions.made(
        f"{account.name}:{Capability.API_KEY}", life=request.expires_in, token_id=request.id
    )
    listed = IssuedToken(id=claims.jti, iat=claims.iat, exp=claims.exp)

    def add(tokens: tuple[IssuedToken, ...]) -> tuple[IssuedToken, ...]:
        if any(each.id == listed.id for each in tokens):
            raise _failed(f"account '{account.name}' already has token with id '{listed.id}'")
        if len(tokens) >= MAX_TOKENS:
            raise _failed(f"account '{account.name}' has {MAX_TOKENS} tokens, which is the most")
        return (*tokens, listed)

    await _amend(backend, account.name, add)
    return NewToken(token=token)


async def delete(backend: Backend, caller: Caller, request: DeleteToken) -> Nothing:
    """Take a token back."""
    authorize.require(caller, "accounts", "update", request.name)
    account = _account(backend, request.name)

    def remove(tokens: tuple[IssuedToken, ...]) -> tuple[IssuedToken, ...]:
        kept = tuple(each for each in tokens if each.id != request.id)
        if len(kept) == len(tokens):
            raise RefusalError(Code.NOT_FOUND, f"token with id '{request.id}' does not exist")
        return kept

    await _amend(backend, account.name, remove)
    return Nothing()


def require_span(token_id: str, seconds: int) -> None:
    """Raises INVALID_ARGUMENT for an id or a life that no token has."""
    if len(token_id) > MAX_ID:
        raise RefusalError(Code.INVALID_ARGUMENT, f"an id has at most {MAX_ID} characters")
    if not 0 <= seconds <= LONGEST:
        raise RefusalError(Code.INVALID_ARGUMENT, "expiresIn is a number of seconds from 0")


async def _amend(
    backend: Backend, name: str, change: Callable[[tuple[IssuedToken, ...]], tuple[IssuedToken, ...]]
) -> None:
    """Change the tokens as they are in Kubernetes now; returns once this server's next call knows."""
    key = tokens_key(name)
    for _ in range(ATTEMPTS):
        raw = await backend.kube.get(SECRETS, SECRET, backend.namespace)
        tokens = change(read_tokens(name, read_secret(raw).values.get(key, "")))
        version = decode_head(raw).metadata.resource_version
        text = base64.b64encode(msgspec.json.encode(tokens)).decode()
        body = {"metadata": {"resourceVersion": version}, "data": {key: text}}
        try:
            await backend.kube.merge_patch(SECRETS, SECRET, body, backend.namespace)
        except ConflictError:
            continue
        await _seen(backend, name, tokens)
        return
    raise RefusalError(Code.ABORTED, f"{SECRET} is being changed by others all the time; try again")


async def _seen(backend: Backend, name: str, tokens: tuple[IssuedToken, ...]) -> None:
    def is_known() -> bool:
        found = backend.control.accounts().get(name)
        return found is None or found.tokens == tokens

    await backend.mirrors.secrets.until(is_known, seconds=CATCH_UP)


def _account(backend: Backend, name: str) -> Account:
    account = backend.control.accounts().get(name)
    if account is None:
        raise RefusalError(Code.NOT_FOUND, f"account '{name}' does not exist")
    return account


def _failed(why: str) -> RefusalError:
    return RefusalError(Code.UNKNOWN, f"failed to update account with new token: {why}")
