"""The fields of repositories and of credential templates: their names on the wire, in Secrets and in Go.

Invariant: a field is confidential unless it is said here that it is not, and only those that are not are held
in memory or answered.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

GO_TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
GO_FALSE = frozenset({"0", "f", "F", "false", "FALSE", "False"})


class Kind(StrEnum):
    """How a Secret's text is read."""

    TEXT = "text"
    SWITCH = "switch"
    NUMBER = "number"


class Field(NamedTuple):
    """One field. `key` is what the API writes into a Secret, `older` another spelling that is read too."""

    name: str
    go: str
    key: str = ""
    kind: Kind = Kind.TEXT
    is_shown: bool = True
    is_template: bool = True
    older: str = ""

    @property
    def in_secret(self) -> str:
        """The Secret's key."""
        return self.key or self.name


def _confidential(name: str, go: str) -> Field:
    return Field(name, go, is_shown=False)


URL: Final = "url"
FIELDS: Final = (
    Field("repo", "Repo", key=URL, is_template=False),
    Field("username", "Username"),
    _confidential("password", "Password"),
    _confidential("sshPrivateKey", "SSHPrivateKey"),
    Field("insecureIgnoreHostKey", "InsecureIgnoreHostKey", kind=Kind.SWITCH, is_template=False),
    Field("insecure", "Insecure", kind=Kind.SWITCH, is_template=False),
    Field("enableLfs", "EnableLFS", kind=Kind.SWITCH, is_template=False),
    _confidential("tlsClientCertData", "TLSClientCertData"),
    _confidential("tlsClientCertKey", "TLSClientCertKey"),
    Field("type", "Type"),
    Field("name", "Name", is_template=False),
    Field("enableOCI", "EnableOCI", kind=Kind.SWITCH),
    _confidential("githubAppPrivateKey", "GithubAppPrivateKey"),
    Field("githubAppID", "GithubAppId", kind=Kind.NUMBER),
    Field("githubAppInstallationID", "GithubAppInstallationId", kind=Kind.NUMBER),
    Field("githubAppEnterpriseBaseUrl", "GitHubAppEnterpriseBaseURL"),
    Field("proxy", "Proxy"),
    Field("project", "Project", is_template=False),
    _confidential("gcpServiceAccountKey", "GCPServiceAccountKey"),
    Field("forceHttpBasicAuth", "ForceHttpBasicAuth", kind=Kind.SWITCH),
    Field("noProxy", "NoProxy"),
    Field("useAzureWorkloadIdentity", "UseAzureWorkloadIdentity", kind=Kind.SWITCH),
    _confidential("bearerToken", "BearerToken"),
    Field("insecureOCIForceHttp", "InsecureOCIForceHttp", kind=Kind.SWITCH),
    Field("depth", "Depth", kind=Kind.NUMBER, is_template=False),
    Field(
        "webhookManifestCacheWarmDisabled",
        "WebhookManifestCacheWarmDisabled",
        kind=Kind.SWITCH,
        is_template=False,
    ),
    Field(
        "azureServicePrincipalClientId",
        "AzureServicePrincipalClientId",
        key="azureServicePrincipalClientID",
        older="azureServicePrincipalClientId",
    ),
    _confidential("azureServicePrincipalClientSecret", "AzureServicePrincipalClientSecret"),
    Field(
        "azureServicePrincipalTenantId",
        "AzureServicePrincipalTenantId",
        key="azureServicePrincipalTenantID",
        older="azureServicePrincipalTenantId",
    ),
    Field("azureActiveDirectoryEndpoint", "AzureActiveDirectoryEndpoint"),
)

SHOWN_OF_REPOSITORIES: Final = frozenset(
    key for field in FIELDS if field.is_shown for key in (field.in_secret, field.older) if key
)
"""Keys of Secrets that are held and answered."""
CREDENTIALS_OF_REPOSITORIES: Final = frozenset(
    {"username"}
    | {field.in_secret for field in FIELDS if not field.is_shown and field.name != "tlsClientCertData"}
)
"""Keys of which one is enough for a repository to have credentials of its own."""


class UnreadableValueError(ValueError):
    """A value that is no switch or number; the words name its key, not the value."""


def read(values: Mapping[str, str], *, shown_only: bool) -> dict[str, Any]:
    """The fields that a Secret's values have, by their names on the wire. Raises UnreadableValueError."""
    found: dict[str, Any] = {}
    for field in FIELDS:
        text = values.get(field.in_secret) or (values.get(field.older) if field.older else "")
        if text and (field.is_shown or not shown_only):
            value = _value(field, text)
            if value:
                found[field.name] = value
    return found


def written(given: Mapping[str, Any], *, template: bool) -> dict[str, str]:
    """The text of every field, "" for what is not given, by the keys of Secrets."""
    fields = [field for field in FIELDS if field.is_template or not template]
    texts = {field.in_secret: _text(field, given.get(field.name)) for field in fields}
    return {**texts, URL: str(given.get(URL, ""))} if template else texts


def _value(field: Field, text: str) -> Any:
    if field.kind is Kind.SWITCH:
        if text not in GO_TRUE | GO_FALSE:
            raise UnreadableValueError(f"{field.in_secret} is neither true nor false")
        return text in GO_TRUE
    if field.kind is Kind.NUMBER:
        try:
            return int(text)
        except ValueError:
            raise UnreadableValueError(f"{field.in_secret} is no number") from None
    return text


def _text(field: Field, value: Any) -> str:
    if not value:
        return ""
    return "true" if field.kind is Kind.SWITCH else str(value)
