"""What can be asked about repositories and credentials, as contract 14 names it."""

from typing import Any

import msgspec


class RepositoryQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Names a repository by its address; "" in a list means all."""

    repo: str = ""
    force_refresh: bool = False
    app_project: str = ""


class RepositoryCreate(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A repository to declare; with `upsert` one that is declared is changed."""

    repo: dict[str, Any] = {}
    upsert: bool = False
    creds_only: bool = False

    def __repr__(self) -> str:
        return "RepositoryCreate(…)"


class RepositoryUpdate(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A repository as it is to be."""

    repo: dict[str, Any] = {}

    def __repr__(self) -> str:
        return "RepositoryUpdate(…)"


class AccessQuery(msgspec.Struct, frozen=True, kw_only=True):
    """An address and the credentials it is to be tried with; they are kept nowhere."""

    repo: str = ""
    type: str = ""
    name: str = ""
    project: str = ""
    username: str = ""
    password: str = ""
    ssh_private_key: str = msgspec.field(name="sshPrivateKey", default="")
    insecure: bool = False
    tls_client_cert_data: str = msgspec.field(name="tlsClientCertData", default="")
    tls_client_cert_key: str = msgspec.field(name="tlsClientCertKey", default="")
    enable_oci: bool = msgspec.field(name="enableOci", default=False)
    github_app_private_key: str = msgspec.field(name="githubAppPrivateKey", default="")
    github_app_id: int = msgspec.field(name="githubAppID", default=0)
    github_app_installation_id: int = msgspec.field(name="githubAppInstallationID", default=0)
    github_app_enterprise_base_url: str = msgspec.field(name="githubAppEnterpriseBaseUrl", default="")
    proxy: str = ""
    gcp_service_account_key: str = msgspec.field(name="gcpServiceAccountKey", default="")
    force_http_basic_auth: bool = msgspec.field(name="forceHttpBasicAuth", default=False)
    use_azure_workload_identity: bool = msgspec.field(name="useAzureWorkloadIdentity", default=False)
    bearer_token: str = msgspec.field(name="bearerToken", default="")
    insecure_oci_force_http: bool = msgspec.field(name="insecureOciForceHttp", default=False)
    azure_client_id: str = msgspec.field(name="azureServicePrincipalClientId", default="")
    azure_client_secret: str = msgspec.field(name="azureServicePrincipalClientSecret", default="")
    azure_tenant_id: str = msgspec.field(name="azureServicePrincipalTenantId", default="")
    azure_endpoint: str = msgspec.field(name="azureActiveDirectoryEndpoint", default="")

    def __repr__(self) -> str:
        return "AccessQuery(…)"

    def fields(self) -> dict[str, Any]:
        """The same by the names that a repository's fields have."""
        given = msgspec.to_builtins(self)
        given["enableOCI"] = given.pop("enableOci")
        given["insecureOCIForceHttp"] = given.pop("insecureOciForceHttp")
        return {key: value for key, value in given.items() if value}


class AppsQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Which paths of a repository hold applications, at a revision."""

    repo: str = ""
    revision: str = ""
    app_name: str = ""
    app_project: str = ""


class AppDetailsQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a source consists of. `app_name` is the application it belongs to, or is to."""

    source: dict[str, Any] = {}
    app_name: str = ""
    app_project: str = ""
    source_index: int = 0
    version_id: int = 0


class ChartRulesQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Which chart: the `source` of an application, its name and its project."""

    source: dict[str, Any]
    app_name: str = ""
    app_project: str = ""


class CredentialsQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Names a credential template by its address; "" in a list means all."""

    url: str = ""


class CredentialsCreate(msgspec.Struct, frozen=True, kw_only=True):
    """Credentials to declare for all addresses that begin alike."""

    creds: dict[str, Any] = {}
    upsert: bool = False

    def __repr__(self) -> str:
        return "CredentialsCreate(…)"


class CredentialsUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """Credentials as they are to be."""

    creds: dict[str, Any] = {}

    def __repr__(self) -> str:
        return "CredentialsUpdate(…)"
