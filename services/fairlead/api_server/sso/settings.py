"""Which provider the settings name: `oidc.config` before `dex.config`, their references followed.

The invariant: settings that cannot be read name none, and say so once.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import structlog

from fairlead.api_server.config_map import LoginSettings
from fairlead.auth.oidc import config as oidc
from fairlead.auth.oidc.config import OidcConfig
from fairlead.secret import Secret
from fairlead.settings.reading import Reader, seconds_of

log = structlog.get_logger(__name__)

DEEPEST = 16
"""Levels of a document in which references are followed."""

Resolve = Callable[[str], Secret]


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """What the settings say about single sign-on."""

    provider: OidcConfig | None = None
    connectors: tuple[dict[str, str], ...] = ()
    has_dex: bool = False


def read(settings: LoginSettings, signing_key: Secret, resolve: Resolve) -> Named:
    """The provider that is named, if one is."""
    if settings.oidc_config.strip():
        return Named(provider=_oidc(settings, resolve))
    if settings.dex_config.strip() and settings.url:
        document = _document("dex.config", settings.dex_config)
        found = oidc.connectors(document)
        wanted = settings.dex_connector if any(c["id"] == settings.dex_connector for c in found) else ""
        return Named(
            provider=oidc.of_dex(settings.url, signing_key, connector=wanted),
            connectors=tuple(found),
            has_dex=True,
        )
    return Named()


def _oidc(settings: LoginSettings, resolve: Resolve) -> OidcConfig | None:
    document = _followed(_document("oidc.config", settings.oidc_config), resolve, DEEPEST)
    times = ("userInfoCacheExpiration", "refreshTokenThreshold")
    user_info, refresh = (seconds_of(str(document.get(name) or "0")) or 0.0 for name in times)
    try:
        return oidc.of_document(document, user_info, refresh)
    except ValueError as error:
        log.warning("api.setting.unreadable", key="oidc.config", problem=str(error))
        return None


def _document(key: str, text: str) -> dict[str, Any]:
    found = Reader("argocd-cm", {key: text}).document(key)
    if not isinstance(found, dict):
        log.warning("api.setting.unreadable", key=key)
        return {}
    return found


def _followed(value: Any, resolve: Resolve, depth: int) -> Any:
    """A document with every text that is a reference replaced by what it leads to."""
    if isinstance(value, str) and value.startswith("$"):
        return resolve(value).reveal()
    if isinstance(value, Mapping) and depth:
        return {key: _followed(each, resolve, depth - 1) for key, each in value.items()}
    if isinstance(value, list) and depth:
        return [_followed(each, resolve, depth - 1) for each in value]
    return value
