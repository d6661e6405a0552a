"""A repository and a credential template as they are answered."""

from collections.abc import Mapping
from typing import Any

from fairlead.api_server.repository_fields import URL, UnreadableValueError, read
from fairlead.matching.repository import without_password

UNKNOWN = {"status": "Unknown"}
MISCONFIGURED = {
    "status": "Failed",
    "message": "Configuration error - please check the server logs",
}
_ADDRESSES = (
    "repo",
    "name",
    "proxy",
    "githubAppEnterpriseBaseUrl",
    "azureActiveDirectoryEndpoint",
    "noProxy",
)
_INHERITED = (
    "username",
    "githubAppID",
    "githubAppInstallationID",
    "githubAppEnterpriseBaseUrl",
    "forceHttpBasicAuth",
    "useAzureWorkloadIdentity",
    "proxy",
    "noProxy",
)


def described(
    values: Mapping[str, str],
    template: Mapping[str, str] | None = None,
    state: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A repository. `template` is the one it takes its credentials from, `state` how it was found."""
    try:
        shown = read(values, shown_only=True)
        inherited = read(template, shown_only=True) if template is not None else {}
        connection = state or UNKNOWN
    except UnreadableValueError:
        shown = {"repo": values.get(URL, ""), "name": values.get("name"), "project": values.get("project")}
        shown = {key: value for key, value in shown.items() if value}
        inherited, connection = {}, MISCONFIGURED
    shown = {**{key: inherited[key] for key in _INHERITED if key in inherited}, **shown}
    if template is not None:
        shown["inheritedCreds"] = True
    if shown.pop("insecureIgnoreHostKey", False):
        shown["insecure"] = True
    return {**_without_passwords(shown), "type": kind_of(shown), "connectionState": dict(connection)}


def described_credentials(values: Mapping[str, str]) -> dict[str, Any]:
    """A credential template."""
    try:
        shown = read(values, shown_only=True)
    except UnreadableValueError:
        shown = {}
    shown.pop("repo", None)
    url = without_password(values.get(URL, ""))
    return {"url": url, "type": kind_of({"repo": url, **shown}), **_without_passwords(shown)}


def kind_of(shown: Mapping[str, Any]) -> str:
    """The type of a repository (contract 12.3)."""
    default = "oci" if str(shown.get("repo", "")).startswith("oci://") else "git"
    return str(shown.get("type") or default)


def _without_passwords(shown: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: without_password(value) if key in _ADDRESSES and isinstance(value, str) else value
        for key, value in shown.items()
    }
