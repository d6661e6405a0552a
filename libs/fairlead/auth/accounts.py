"""Local accounts as `argocd-cm` and `argocd-secret` describe them (contract 11.1, 12.1, 13.1).

The invariant: `admin` always exists and may log in; whether it is enabled is another matter. What cannot be
read disables.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum

import msgspec
import structlog

from fairlead.secret import Secret

log = structlog.get_logger(__name__)

ADMIN = "admin"
_PREFIX = "accounts."
_TRUE = {"1", "t", "T", "true", "True", "TRUE"}
_FALSE = {"0", "f", "F", "false", "False", "FALSE"}


class Capability(StrEnum):
    """What an account may be used for."""

    LOGIN = "login"
    API_KEY = "apiKey"


class IssuedToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token somebody made for an account; unix seconds, `exp` 0 = for ever."""

    id: str = ""
    iat: int = 0
    exp: int = 0


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One local account."""

    name: str
    enabled: bool = True
    capabilities: tuple[Capability, ...] = ()
    password_hash: Secret | None = None
    password_changed: int = 0
    tokens: tuple[IssuedToken, ...] = ()

    def can(self, capability: Capability) -> bool:
        """Whether the account has a capability."""
        return capability in self.capabilities


def read_accounts(config: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, Account]:
    """All accounts by name. `config` is argocd-cm's data, `secrets` argocd-secret's, decoded."""
    names = [ADMIN, *sorted(name for name in _declared(config) if name != ADMIN)]
    return {name: _account(name, config, secrets) for name in names}


def go_bool(text: str, *, default: bool) -> bool:
    """A boolean as Go reads it; without one `default`, and false for what is none: doubt grants nothing."""
    if not text:
        return default
    if text not in _TRUE | _FALSE:
        log.error("auth.switch.unreadable", taken_as=False, security=2)
    return text in _TRUE


def _declared(config: Mapping[str, str]) -> list[str]:
    names = []
    for key in config:
        name = key.removeprefix(_PREFIX)
        if not key.startswith(_PREFIX) or name.endswith(".enabled"):
            continue
        if not name or "." in name:
            log.warning("auth.account.skipped", key=key, reason="an account's name has no dot")
            continue
        names.append(name)
    return names


def _account(name: str, config: Mapping[str, str], secrets: Mapping[str, str]) -> Account:
    prefix = ADMIN if name == ADMIN else _PREFIX + name
    switch = "admin.enabled" if name == ADMIN else f"{_PREFIX}{name}.enabled"
    hashed = secrets.get(f"{prefix}.password", "")
    return Account(
        name=name,
        enabled=go_bool(config.get(switch, ""), default=True),
        capabilities=_capabilities(name, config.get(_PREFIX + name, "")),
        password_hash=Secret(hashed) if hashed else None,
        password_changed=_seconds(secrets.get(f"{prefix}.passwordMtime", "")),
        tokens=read_tokens(name, secrets.get(tokens_key(name), "")),
    )


def _capabilities(name: str, text: str) -> tuple[Capability, ...]:
    found = [Capability.LOGIN] if name == ADMIN else []
    for word in filter(None, (part.strip() for part in text.split(","))):
        if word not in Capability.__members__.values():
            log.warning("auth.capability.ignored", account=name, capability=word)
        elif Capability(word) not in found:
            found.append(Capability(word))
    return tuple(found)


def _seconds(time: str) -> int:
    """Unix seconds of the last change of a password; unreadable, it is taken to have changed just now."""
    if not time:
        return 0
    try:
        return int(datetime.fromisoformat(time).astimezone(UTC).timestamp())
    except (ValueError, OverflowError):
        log.warning("auth.password_time.unreadable", security=2)
        return int(datetime.now(UTC).timestamp())


def tokens_key(name: str) -> str:
    """The key of `argocd-secret` that an account's tokens are under."""
    return f"{ADMIN if name == ADMIN else _PREFIX + name}.tokens"


def read_tokens(name: str, text: str) -> tuple[IssuedToken, ...]:
    """The tokens of an account; none where the list cannot be read."""
    if not text:
        return ()
    try:
        return msgspec.json.decode(text, type=tuple[IssuedToken, ...])
    except msgspec.DecodeError:
        log.warning("auth.tokens.unreadable", account=name)
        return ()
