"""What `oidc.config` says, and what follows from `dex.config` (contract 13.2, 13.3)."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from fairlead.secret import Secret

DEFAULT_SCOPES = ("openid", "profile", "email", "groups")
DEX_CLIENT, DEX_CLI_CLIENT, DEX_PKCE_CLIENT = "argo-cd", "argo-cd-cli", "argo-cd-pkce"
DEX_SCOPES = ("openid", "profile", "email", "groups", "federated:id")
DEX_SECRET_LENGTH = 40


class OidcConfig(msgspec.Struct, frozen=True, kw_only=True):
    """One provider. `audiences` are those a token may be made for; `refresh_seconds` before its end it is
    exchanged, 0 for never."""

    issuer: str
    client_id: str
    client_secret: Secret | None = None
    name: str = ""
    cli_client_id: str = ""
    scopes: tuple[str, ...] = DEFAULT_SCOPES
    id_token_claims: dict[str, Any] | None = None
    logout_url: str = ""
    root_ca: str = ""
    audiences: frozenset[str] = frozenset()
    may_lack_audience: bool = False
    is_pkce_in_browser: bool = False
    has_user_info_groups: bool = False
    user_info_path: str = ""
    user_info_base_url: str = ""
    user_info_seconds: float = 0.0
    refresh_seconds: float = 0.0
    domain_hint: str = ""
    is_dex: bool = False
    connector: str = ""

    @property
    def secret(self) -> str:
        """The client's secret; "" of a public client."""
        return self.client_secret.reveal() if self.client_secret is not None else ""


def of_document(
    document: Mapping[str, Any], user_info_seconds: float = 0.0, refresh_seconds: float = 0.0
) -> OidcConfig:
    """The provider of a document whose references were followed. Raises ValueError, saying what is missing.

    The seconds are `userInfoCacheExpiration` and `refreshTokenThreshold`, read.
    """
    issuer, client = _text(document, "issuer"), _text(document, "clientID")
    if not issuer or not client:
        raise ValueError("issuer and clientID are needed")
    cli = _text(document, "cliClientID")
    allowed = _texts(document, "allowedAudiences")
    claims = document.get("requestedIDTokenClaims")
    return OidcConfig(
        issuer=issuer,
        client_id=client,
        client_secret=Secret(_text(document, "clientSecret")),
        name=_text(document, "name"),
        cli_client_id=cli,
        scopes=_texts(document, "requestedScopes") or DEFAULT_SCOPES,
        id_token_claims=claims if isinstance(claims, dict) and claims else None,
        logout_url=_text(document, "logoutURL"),
        root_ca=_text(document, "rootCA"),
        audiences=frozenset(allowed or filter(None, (client, cli))),
        may_lack_audience=document.get("skipAudienceCheckWhenTokenHasNoAudience") is True,
        is_pkce_in_browser=document.get("enablePKCEAuthentication") is True,
        has_user_info_groups=document.get("enableUserInfoGroups") is True,
        user_info_path=_text(document, "userInfoPath"),
        user_info_base_url=_text(document, "userInfoBaseURL"),
        user_info_seconds=user_info_seconds,
        refresh_seconds=refresh_seconds,
        domain_hint=_text(document, "domainHint"),
    )


def of_dex(url: str, signing_key: Secret, *, connector: str = "") -> OidcConfig:
    """The bundled Dex, reached below the base URL."""
    return OidcConfig(
        issuer=f"{url.rstrip('/')}/api/dex",
        client_id=DEX_CLIENT,
        client_secret=dex_secret(signing_key),
        name="Dex",
        cli_client_id=DEX_CLI_CLIENT,
        scopes=DEX_SCOPES,
        audiences=frozenset({DEX_CLIENT, DEX_CLI_CLIENT, DEX_PKCE_CLIENT}),
        is_dex=True,
        connector=connector,
    )


def dex_secret(signing_key: Secret) -> Secret:
    """The secret between us and Dex: both make it of the signing key (contract 12.1)."""
    digest = hashlib.sha256(signing_key.reveal().encode()).digest()
    return Secret(base64.urlsafe_b64encode(digest).decode()[:DEX_SECRET_LENGTH])


def connectors(document: Mapping[str, Any]) -> list[dict[str, str]]:
    """Name, type and id of each connector of a Dex configuration."""
    found = document.get("connectors")
    each = [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
    return [{key: _text(item, key) for key in ("name", "type", "id")} for item in each]


def _text(document: Mapping[str, Any], key: str) -> str:
    value = document.get(key)
    return value.strip() if isinstance(value, str) else ""


def _texts(document: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = document.get(key)
    items: Sequence[Any] = value if isinstance(value, list) else ()
    return tuple(item for item in items if isinstance(item, str) and item)
