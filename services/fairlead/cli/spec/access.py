"""The flags that say how a repository is reached, and what they mean as a document."""

from fairlead.cli import prompt
from fairlead.cli.client import Document
from fairlead.cli.command import Flag, Values, number, switch, text
from fairlead.cli.errors import SettingsError, UsageError
from fairlead.cli.spec.places import read_text

_TEXTS = {
    "username": "username",
    "password": "password",
    "bearer-token": "bearerToken",
    "type": "type",
    "github-app-enterprise-base-url": "githubAppEnterpriseBaseUrl",
    "proxy": "proxy",
    "no-proxy": "noProxy",
    "azure-service-principal-client-id": "azureServicePrincipalClientId",
    "azure-service-principal-client-secret": "azureServicePrincipalClientSecret",
    "azure-service-principal-tenant-id": "azureServicePrincipalTenantId",
    "azure-active-directory-endpoint": "azureActiveDirectoryEndpoint",
}
_FILES = {
    "ssh-private-key-path": "sshPrivateKey",
    "tls-client-cert-path": "tlsClientCertData",
    "tls-client-cert-key-path": "tlsClientCertKey",
    "github-app-private-key-path": "githubAppPrivateKey",
    "gcp-service-account-key-path": "gcpServiceAccountKey",
}
_NUMBERS = {"github-app-id": "githubAppID", "github-app-installation-id": "githubAppInstallationID"}
_SWITCHES = {
    "enable-oci": "enableOCI",
    "insecure-oci-force-http": "insecureOCIForceHttp",
    "force-http-basic-auth": "forceHttpBasicAuth",
    "use-azure-workload-identity": "useAzureWorkloadIdentity",
}

ACCESS_FLAGS: tuple[Flag, ...] = (
    text("username", "Name to log in with."),
    text("password", "Password or token; asked for when there is a name and no password."),
    text("bearer-token", "Token sent as a bearer's."),
    text("type", "Kind of repository.", default="git", choices=("git", "helm", "oci")),
    text("ssh-private-key-path", "File with the private key for SSH."),
    text("tls-client-cert-path", "File with the client's certificate."),
    text("tls-client-cert-key-path", "File with the key of the client's certificate."),
    number("github-app-id", "Id of the GitHub App."),
    number("github-app-installation-id", "Id of the installation of the GitHub App."),
    text("github-app-private-key-path", "File with the private key of the GitHub App."),
    text("github-app-enterprise-base-url", "Address of GitHub Enterprise's API."),
    text("gcp-service-account-key-path", "File with the key of a Google Cloud service account."),
    text("proxy", "Proxy for this address."),
    text("no-proxy", "Where the proxy is not for."),
    text("azure-service-principal-client-id", "Client id of the service principal."),
    text("azure-service-principal-client-secret", "Client secret of the service principal."),
    text("azure-service-principal-tenant-id", "Tenant of the service principal."),
    text("azure-active-directory-endpoint", "Address of the Active Directory."),
    switch("enable-oci", "The charts are in an OCI registry."),
    switch("insecure-oci-force-http", "Speak HTTP to an OCI registry."),
    switch("force-http-basic-auth", "Log in without being asked to."),
    switch("use-azure-workload-identity", "Log in by the workload's identity."),
)


def access(url: str, values: Values) -> Document:
    """What the flags say, in the words of the API. Raises UsageError, SettingsError."""
    _check(url, values)
    found: Document = {key: values.text(flag) for flag, key in _TEXTS.items()}
    found |= {key: values.number(flag) for flag, key in _NUMBERS.items()}
    found |= {key: values.switch(flag) for flag, key in _SWITCHES.items()}
    found |= {key: read_text(values.text(flag)) for flag, key in _FILES.items() if values.text(flag)}
    if found["username"] and not found["password"]:
        found["password"] = prompt.ask_password("Password: ", "--password")
    return {key: value for key, value in found.items() if value}


def _check(url: str, values: Values) -> None:
    is_http = url.startswith(("http://", "https://"))
    is_ssh = url.startswith("ssh://") or ("://" not in url and "@" in url.partition(":")[0])
    if values.text("ssh-private-key-path") and not is_ssh:
        raise SettingsError("--ssh-private-key-path is only supported for SSH repositories.")
    pair = ("tls-client-cert-path", "tls-client-cert-key-path")
    if any(values.text(name) for name in pair):
        if not all(values.text(name) for name in pair):
            raise UsageError(
                "--tls-client-cert-path and --tls-client-cert-key-path must be specified together"
            )
        if not is_http and values.text("type") == "git":
            raise SettingsError("--tls-client-cert-path is only supported for HTTPS repositories")
    if values.text("github-app-private-key-path") and not is_http:
        raise SettingsError("--github-app-private-key-path is only supported for HTTPS repositories")
    if values.text("gcp-service-account-key-path") and not url.startswith("https://"):
        raise SettingsError("--gcp-service-account-key-path is only supported for HTTPS repositories")
