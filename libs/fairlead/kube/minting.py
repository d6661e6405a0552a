"""How we come to a cluster's credentials that its Secret does not hold: by a program, or by our role in AWS.

Data only: what runs programs and asks clouds is given to a client as its `Mint`. Invariant: what is declared
never shows its values when printed.
"""

from typing import Final, Protocol

import msgspec

EXEC_VERSIONS: Final = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
NATIVE: Final = "argocd-k8s-auth"
"""The program that Argo CD ships; what it does for AWS is built in here."""


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """`execProviderConfig`: what prints an ExecCredential."""

    command: str
    args: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    api_version: str = EXEC_VERSIONS[0]
    install_hint: str = ""
    wants_cluster: bool = False
    config: bytes = b""

    def __repr__(self) -> str:
        return f"Program(command={self.command!r})"


class Aws(msgspec.Struct, frozen=True, kw_only=True):
    """`awsAuthConfig`: a cluster of EKS by name, and who we are there when not who we are anyway."""

    cluster: str
    role: str = ""
    profile: str = ""


Identity = Program | Aws


class Minted(msgspec.Struct, frozen=True, kw_only=True):
    """Credentials, and the seconds for which they hold from now; a token, or a certificate with its key."""

    token: str = ""
    cert: bytes | None = None
    key: bytes | None = None
    seconds: float = 300.0

    def __repr__(self) -> str:
        return f"Minted(seconds={self.seconds:.0f})"


class Place(Protocol):
    """The cluster that credentials are for."""

    @property
    def server(self) -> str: ...

    @property
    def ca(self) -> bytes | None: ...

    @property
    def insecure(self) -> bool: ...

    @property
    def server_name(self) -> str | None: ...

    @property
    def proxy_url(self) -> str | None: ...


class Mint(Protocol):
    """Makes credentials. Raises ConnectionConfigError, in words for who declared the cluster."""

    async def __call__(self, identity: Identity, place: Place) -> Minted: ...


def native(program: Program) -> Identity:
    """What a program stands for: `argocd-k8s-auth aws …` for our role in AWS."""
    if program.command != NATIVE or program.args[:1] != ("aws",):
        return program
    words, given = list(program.args[1:]), {}
    while words:
        name, equals, value = words.pop(0).partition("=")
        if not equals:
            value = words.pop(0) if words else ""
        given[name.lstrip("-")] = value
    if set(given) - {"cluster-name", "role-arn", "profile"} or not given.get("cluster-name"):
        return program
    return Aws(
        cluster=given["cluster-name"], role=given.get("role-arn", ""), profile=given.get("profile", "")
    )
