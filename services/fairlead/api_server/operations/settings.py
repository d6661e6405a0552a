"""Settings service: what clients need to know to show themselves; strangers get the public part."""

from typing import Any

from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.session import Nothing


async def get(backend: Backend, caller: Caller, _: Nothing) -> dict[str, Any]:
    """Contract 14, Settings."""
    settings = backend.control.settings
    public: dict[str, Any] = {
        "url": settings.url,
        "additionalUrls": list(settings.login.additional_urls),
        "statusBadgeEnabled": settings.status_badge_enabled,
        "appLabelKey": settings.tracking.label_key,
        "trackingMethod": str(settings.tracking.method),
        "installationID": settings.tracking.installation_id,
        "googleAnalytics": {"anonymizeUsers": True},
        "help": {},
        "kustomizeOptions": {"BuildOptions": settings.kustomize_build_options},
        "userLoginsDisabled": not any(
            a.enabled and a.capabilities for a in backend.control.accounts().values()
        ),
        "uiLoginButtonText": settings.login_button_text,
        "syncWithReplaceAllowed": True,
        "resourceViewEnabled": True,
    }
    public |= _sign_on(backend)
    if caller.is_logged_in:
        public |= {
            "controllerNamespace": backend.namespace,
            "passwordPattern": settings.password_pattern,
            "resourceOverrides": {},
        }
    return {key: value for key, value in public.items() if value not in ("", False, [])}


def _sign_on(backend: Backend) -> dict[str, Any]:
    """What a client needs to log in with the identity provider itself."""
    named = backend.sso.named
    provider = named.provider
    if named.has_dex:
        connector = provider.connector if provider is not None else ""
        found: dict[str, Any] = {"connectors": list(named.connectors)}
        return {"dexConfig": found | ({"dexAuthConnectorID": connector} if connector else {})}
    if provider is None:
        return {}
    described: dict[str, Any] = {
        "name": provider.name,
        "issuer": provider.issuer,
        "clientID": provider.client_id,
        "cliClientID": provider.cli_client_id,
        "scopes": list(provider.scopes),
        "idTokenClaims": provider.id_token_claims or {},
        "enablePKCEAuthentication": provider.is_pkce_in_browser,
    }
    return {"oidcConfig": {key: value for key, value in described.items() if value}}


async def plugins(_: Backend, __: Caller, ___: Nothing) -> dict[str, Any]:
    """Config-management plugins: none are connected."""
    return {}
