"""Who we are at a repository, how its server is met, and how git is told without anybody else seeing it.

Invariant: a credential leaves this module only as environment variables of one `git` process, or as a header
of one request.
"""

import base64

import msgspec

from fairlead.git.errors import UnsupportedCredentialError

NOBODY_IN_PARTICULAR = "x-access-token"
"""The user of a password without one: hosts that take tokens for passwords take any, but not none."""


class GithubApp(msgspec.Struct, frozen=True, kw_only=True):
    """An app of GitHub, or of the enterprise host whose API is at `base_url`.

    Without an installation (0) that of the repository's owner is looked up.
    """

    app_id: int
    private_key: str
    installation_id: int = 0
    base_url: str = ""

    def __repr__(self) -> str:
        return f"GithubApp(app_id={self.app_id}, installation_id={self.installation_id})"


class AzurePrincipal(msgspec.Struct, frozen=True, kw_only=True):
    """A service principal of a tenant; `endpoint` is the directory's address, "" for the public cloud's."""

    client_id: str
    client_secret: str
    tenant_id: str
    endpoint: str = ""

    def __repr__(self) -> str:
        return f"AzurePrincipal(client_id={self.client_id!r})"


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """How a repository, chart repository or registry is met (contract 12.3).

    Certificate and keys are PEM, `google_key` is the JSON of a service account's key. `insecure` accepts any
    certificate and host key, `force_http` is for registries without TLS. `proxy` "" leaves it to the process.
    `authorities`, PEM, are believed beside those for the host where tokens are asked for over HTTP.
    `aws_role` is for a repository of CodeCommit that is declared without saying who we are:
    the process' role.
    With `unsupported`, what else would be needed to read the repository, it is not read at all; nor with
    `problem`, what is wrong with how it was declared.
    """

    username: str = ""
    password: str = ""
    bearer_token: str = ""
    ssh_private_key: str = ""
    client_certificate: str = ""
    client_key: str = ""
    insecure: bool = False
    authorities: str = ""
    force_basic: bool = False
    force_http: bool = False
    proxy: str = ""
    no_proxy: str = ""
    github_app: GithubApp | None = None
    google_key: str = ""
    azure_workload_identity: bool = False
    azure_principal: AzurePrincipal | None = None
    aws_role: bool = False
    unsupported: str = ""
    problem: str = ""

    def __repr__(self) -> str:
        return f"Credential(empty={self.is_empty})"

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing of who we are, so that a template may."""
        return not (
            self.username
            or self.password
            or self.bearer_token
            or self.ssh_private_key
            or self.client_key
            or self._is_of_a_cloud
            or self.unsupported
            or self.problem
        )

    @property
    def is_exchanged(self) -> bool:
        """Whether it has to be exchanged for a token before it is shown; a password goes first."""
        if self.password or self.bearer_token or self.ssh_private_key:
            return False
        return self._is_of_a_cloud or (self.aws_role and not self.username)

    def check(self) -> None:
        """Raises UnsupportedCredentialError when the repository would be read otherwise than was declared."""
        if self.problem:
            raise UnsupportedCredentialError(self.problem)
        if self.unsupported:
            raise UnsupportedCredentialError(f"{self.unsupported} are not supported yet")

    def header(self) -> str:
        """The Authorization header's value, or ""; a password goes before a token only if forced."""
        if self.bearer_token and not (self.force_basic and self.password):
            return f"Bearer {self.bearer_token}"
        return f"Basic {self._basic()}" if self.username or self.password else ""

    def configuration(self, url: str) -> list[tuple[str, str]]:
        """Git settings that send the header to this repository only."""
        settings = [(f"http.{url}.extraHeader", f"Authorization: {self.header()}")] if self.header() else []
        return [*settings, ("http.sslVerify", "false")] if self.insecure else settings

    def secrets(self) -> tuple[str, ...]:
        """Texts that must not appear anywhere."""
        plain = (self.password, self.bearer_token, self.proxy if "@" in self.proxy else "")
        return (*plain, self._basic()) if self.password else plain

    @property
    def _is_of_a_cloud(self) -> bool:
        return bool(
            self.github_app or self.google_key or self.azure_workload_identity or self.azure_principal
        )

    def _basic(self) -> str:
        return base64.b64encode(f"{self.username or NOBODY_IN_PARTICULAR}:{self.password}".encode()).decode()


def inherited(own: Credential, template: Credential) -> Credential:
    """A template's credential, with what the repository itself says of how it is met going before."""
    said = {field: value for field, value in msgspec.structs.asdict(own).items() if value}
    return msgspec.structs.replace(template, **said) if said else template
