"""Settings service: what clients need to know to show themselves; strangers get the public part.

The invariant: no secret is in `argocd-cm`'s shown part: of `oidc.config` and `dex.config` only what a client
needs to log somebody in.
"""

from typing import Any

from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.session import Nothing
from fairlead.auth.accounts import Capability
from fairlead.kube import fence

OBSERVES = (
    "Fairlead only observes here and writes nothing: sync status and health are as Argo CD wrote them, and "
    "what an object differs in is as Fairlead sees it."
)
"""What everybody reads who looks at a control plane that somebody else is in charge of."""
_ALWAYS = ("googleAnalytics", "help", "kustomizeOptions")
"""What is said although it is empty: clients look into it."""


async def get(backend: Backend, caller: Caller, _: Nothing) -> dict[str, Any]:
    """Contract 14, Settings."""
    settings, shown = backend.control.settings, backend.control.presentation
    answer: dict[str, Any] = {
        "url": settings.url,
        "additionalUrls": list(settings.login.additional_urls),
        "statusBadgeEnabled": settings.status_badge_enabled,
        "statusBadgeRootUrl": shown.badge_root_url,
        "appLabelKey": settings.tracking.label_key,
        "trackingMethod": str(settings.tracking.method),
        "installationID": settings.tracking.installation_id,
        "googleAnalytics": _filled(trackingID=shown.tracking_id, anonymizeUsers=shown.anonymize_users),
        "help": dict(shown.help),
        "kustomizeOptions": {"BuildOptions": settings.kustomize_build_options},
        "kustomizeVersions": list(shown.kustomize_versions),
        "userLoginsDisabled": not _may_anybody_log_in(backend),
        "uiLoginButtonText": settings.login_button_text,
        "uiCssURL": shown.css_url,
        "execEnabled": shown.exec_enabled,
        "appsInAnyNamespaceEnabled": shown.apps_in_any_namespace,
        "impersonationEnabled": shown.impersonation_enabled,
        "hydratorEnabled": shown.hydrator_enabled,
        "syncWithReplaceAllowed": shown.replace_allowed,
        "resourceViewEnabled": shown.resource_view_enabled,
    }
    answer |= _sign_on(backend)
    if caller.is_trusted:
        answer |= {
            "controllerNamespace": backend.namespace,
            "passwordPattern": settings.password_pattern,
            "resourceOverrides": dict(shown.overrides),
            "uiBannerContent": shown.banner_content,
            "uiBannerURL": shown.banner_url,
            "uiBannerPermanent": shown.banner_is_permanent,
            "uiBannerPosition": shown.banner_position,
        }
    if fence.observes():
        answer |= {"uiBannerContent": OBSERVES, "uiBannerURL": "", "uiBannerPermanent": True}
    return {key: value for key, value in answer.items() if value or key in _ALWAYS}


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


async def plugins(backend: Backend, _: Caller, __: Nothing) -> dict[str, Any]:
    """The config management plugins beside the repo-servers."""
    return _filled(plugins=[{"name": name} for name in await backend.ask.plugin_names()])


def _may_anybody_log_in(backend: Backend) -> bool:
    accounts = backend.control.accounts().values()
    return any(one.enabled and Capability.LOGIN in one.capabilities for one in accounts)


def _filled(**fields: Any) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value}
