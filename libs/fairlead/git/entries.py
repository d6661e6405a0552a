"""Repositories and credential templates as their Secrets declare them (contract 12.3, 12.4).

Invariant: what cannot be understood makes the repository unreadable and says which field it was, never what
stood there; nothing is read as if the field had not been set.
"""

from collections.abc import Iterator, Mapping

import msgspec

from fairlead.git.codecommit import region_of
from fairlead.git.credentials import AzurePrincipal, Credential, GithubApp
from fairlead.git.urls import normalise

SECRET_TYPE_LABEL = "argocd.argoproj.io/secret-type"  # noqa: S105 - the name of a label
REPOSITORY = "repository"
TEMPLATE = "repo-creds"
TO_WRITE, TEMPLATE_TO_WRITE = "repository-write", "repo-write-creds"
KINDS = frozenset({"git", "helm", "oci"})
SSH_KEY = "sshPrivateKey"
UNHEEDED = ("webhookManifestCacheWarmDisabled",)
"""Fields without which a repository is read all the same: nothing is rendered on a webhook for the sake of a
cache."""
_CLIENT = ("azureServicePrincipalClientId", "azureServicePrincipalClientID")
_TENANT = ("azureServicePrincipalTenantId", "azureServicePrincipalTenantID")
_TOGETHER = (
    (("tlsClientCertData",), ("tlsClientCertKey",)),
    (("githubAppPrivateKey",), ("githubAppID",)),
    (("azureServicePrincipalClientSecret",), _CLIENT, _TENANT),
)
"""Fields, by their spellings, of which none is of use without the others."""
_OFF = frozenset({"", "0", "f", "F", "false", "FALSE", "False"})
_ON = frozenset({"1", "t", "T", "true", "TRUE", "True"})


class RepositoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One repository or template Secret. `depth` 0 is all history."""

    url: str
    project: str = ""
    template: bool = False
    name: str = ""
    kind: str = "git"
    enable_lfs: bool = False
    enable_oci: bool = False
    depth: int = 0
    credential: Credential = Credential()


def entry_of(secret_type: str, data: Mapping[str, str]) -> RepositoryEntry | None:
    """Read a Secret's decoded data; None when it has no url."""
    url = data.get("url", "").strip()
    if not url:
        return None
    fields = _Fields(data)
    kind = fields.text("type") or ("oci" if url.lower().startswith("oci://") else "git")
    if kind not in KINDS:
        fields.wrong.append("type is none of git, helm and oci")
    read = RepositoryEntry(
        url=normalise(url),
        project=fields.text("project"),
        template=secret_type in (TEMPLATE, TEMPLATE_TO_WRITE),
        name=fields.text("name"),
        kind=kind,
        enable_lfs=fields.switch("enableLfs"),
        enable_oci=fields.switch("enableOCI"),
        depth=fields.number("depth"),
        credential=_credential(url, fields),
    )
    fields.wrong += _halves(fields)
    if not fields.wrong:
        return read
    problem = f"the repository's Secret cannot be used: {', '.join(fields.wrong)}"
    return msgspec.structs.replace(read, credential=Credential(problem=problem))


def unheeded(data: Mapping[str, str]) -> tuple[str, ...]:
    """The fields of a Secret that change nothing, though somebody set them."""
    return tuple(field for field in UNHEEDED if _is_set(data, field))


class _Fields:
    """A Secret's fields by type; what is `wrong` with them is gathered."""

    def __init__(self, data: Mapping[str, str]) -> None:
        self.data = data
        self.wrong: list[str] = []

    def text(self, *names: str) -> str:
        """The first of the spellings that is there."""
        return next((found for name in names if (found := self.data.get(name, ""))), "")

    def token(self, name: str) -> str:
        """A text that stands in a header; files end with a newline that is not meant."""
        value = self.text(name).strip()
        if value and not (value.isascii() and value.isprintable()):
            self.wrong.append(f"{name} has characters that no token has")
        return value

    def switch(self, name: str) -> bool:
        value = self.data.get(name, "").strip()
        if value not in _ON | _OFF:
            self.wrong.append(f"{name} is neither true nor false")
        return value in _ON

    def number(self, name: str) -> int:
        value = self.data.get(name, "").strip()
        digits = value.removeprefix("-")
        if not value or (digits.isascii() and digits.isdigit() and len(digits) < 19):
            return int(value or 0)
        self.wrong.append(f"{name} is no number")
        return 0


def _credential(url: str, fields: _Fields) -> Credential:
    insecure, ignores_host_key = fields.switch("insecure"), fields.switch("insecureIgnoreHostKey")
    return Credential(
        username=fields.text("username"),
        password=fields.text("password"),
        bearer_token=fields.token("bearerToken"),
        ssh_private_key=fields.text(SSH_KEY),
        client_certificate=fields.text("tlsClientCertData"),
        client_key=fields.text("tlsClientCertKey"),
        insecure=insecure or ignores_host_key,
        force_basic=fields.switch("forceHttpBasicAuth"),
        force_http=fields.switch("insecureOCIForceHttp"),
        proxy=fields.text("proxy").strip(),
        no_proxy=fields.text("noProxy").strip(),
        github_app=_github_app(fields),
        google_key=fields.text("gcpServiceAccountKey"),
        azure_workload_identity=fields.switch("useAzureWorkloadIdentity"),
        azure_principal=_azure_principal(fields),
        aws_role=bool(region_of(url)),
    )


def _halves(fields: _Fields) -> Iterator[str]:
    """What was declared by half, where it is all that was declared: it must not be read as if by nobody."""
    if any(fields.text(name) for name in ("password", "bearerToken", SSH_KEY)):
        return
    for names in _TOGETHER:
        there = [name for name in names if fields.text(*name)]
        if there and len(there) < len(names):
            missing = next(name for name in names if name not in there)
            yield f"{there[0][0]} without {missing[0]}"


def _github_app(fields: _Fields) -> GithubApp | None:
    app_id, installation = fields.number("githubAppID"), fields.number("githubAppInstallationID")
    private_key = fields.text("githubAppPrivateKey")
    if not app_id or not private_key:
        return None
    base_url = fields.text("githubAppEnterpriseBaseUrl").strip()
    return GithubApp(app_id=app_id, private_key=private_key, installation_id=installation, base_url=base_url)


def _azure_principal(fields: _Fields) -> AzurePrincipal | None:
    """Both spellings of the ids are read: Argo CD writes one and documents the other."""
    client_id, tenant_id = fields.text(*_CLIENT), fields.text(*_TENANT)
    client_secret = fields.text("azureServicePrincipalClientSecret")
    if not (client_id and tenant_id and client_secret):
        return None
    endpoint = fields.text("azureActiveDirectoryEndpoint").strip()
    return AzurePrincipal(
        client_id=client_id, client_secret=client_secret, tenant_id=tenant_id, endpoint=endpoint
    )


def _is_set(data: Mapping[str, str], field: str) -> bool:
    return data.get(field, "").strip() not in _OFF
