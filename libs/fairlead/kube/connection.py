"""Where a cluster is and how we prove who we are: one struct, whatever it was read from.

Sources are a kubeconfig (`kubeconfig.py`), the pod's service account, and a cluster Secret.
Invariant: a connection never shows its secrets when printed.
"""

import base64
import binascii
import os
import ssl
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec
from yarl import URL

from fairlead.kube.errors import ConnectionConfigError
from fairlead.kube.minting import EXEC_VERSIONS, Aws, Identity, Program, native

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


class Plugin(msgspec.Struct, frozen=True, kw_only=True):
    """A kubeconfig whose user needs a credential plugin; resolved by `credentials.py` on first use."""

    kubeconfig: str
    context: str | None


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """One cluster and one identity. PEM fields hold the bytes; `token_file` is read again and again. One that
    `is_declared`, by whoever may, is not let to every address (`reach.py`).

    Raises ConnectionConfigError for an address that no request could be sent to.
    """

    server: str
    ca: bytes | None = None
    client_cert: bytes | None = None
    client_key: bytes | None = None
    token: str | None = None
    token_file: str | None = None
    username: str | None = None
    password: str | None = None
    plugin: Plugin | None = None
    identity: Identity | None = None
    insecure: bool = False
    server_name: str | None = None
    proxy_url: str | None = None
    compress: bool = True
    namespace: str = "default"
    impersonate_user: str | None = None
    impersonate_groups: tuple[str, ...] = ()
    is_declared: bool = False

    def __post_init__(self) -> None:
        if not _is_address(self.server):
            raise ConnectionConfigError(f"server {self.server!r} is not an address; https://<host>:<port> is")
        if self.proxy_url and not _is_address(self.proxy_url):
            raise ConnectionConfigError(f"cluster {self.server}: proxyUrl is not an address")

    def __repr__(self) -> str:
        return f"Connection(server={self.server!r}, namespace={self.namespace!r})"

    def acting_as(self, user: str, *groups: str) -> "Connection":
        """The same cluster, every request impersonating `user`. An empty user is refused, never ignored."""
        if not user:
            raise ConnectionConfigError("cannot impersonate an empty user name")
        return msgspec.structs.replace(self, impersonate_user=user, impersonate_groups=groups)


def _is_address(text: str) -> bool:
    try:
        address = URL(text)
    except ValueError:
        return False
    return address.scheme in ("http", "https") and bool(address.host)


def in_cluster(root: Path = SERVICE_ACCOUNT, environment: Mapping[str, str] | None = None) -> Connection:
    """The connection of a pod's service account.

    Raises ConnectionConfigError outside a cluster.
    """
    env = os.environ if environment is None else environment
    host, port = env.get("KUBERNETES_SERVICE_HOST"), env.get("KUBERNETES_SERVICE_PORT", "443")
    token = root / "token"
    if not host or not token.exists():
        raise ConnectionConfigError(
            "not inside a cluster: no KUBERNETES_SERVICE_HOST or no service account token"
        )
    ca, namespace = root / "ca.crt", root / "namespace"
    return Connection(
        server=f"https://{_bracketed(host)}:{port}",
        ca=ca.read_bytes() if ca.exists() else None,
        token_file=str(token),
        namespace=namespace.read_text().strip() if namespace.exists() else "default",
    )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


class _TLSClientConfig(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    insecure: bool = False
    server_name: str = ""
    ca_data: str = ""
    cert_data: str = ""
    key_data: str = ""


class _AwsAuthConfig(msgspec.Struct, frozen=True, kw_only=True):
    cluster_name: str = msgspec.field(name="clusterName", default="")
    role: str = msgspec.field(name="roleARN", default="")
    profile: str = ""


class _ExecProviderConfig(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    command: str = ""
    args: list[str] | None = None
    env: dict[str, str] | None = None
    api_version: str = ""
    install_hint: str = ""
    provide_cluster_info: bool = False
    config: msgspec.Raw = msgspec.Raw()


class _ClusterConfig(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The `config` field of a cluster Secret (contract 12.2)."""

    username: str = ""
    password: str = ""
    bearer_token: str = ""
    tls_client_config: _TLSClientConfig | None = None
    aws_auth_config: _AwsAuthConfig | None = None
    exec_provider_config: _ExecProviderConfig | None = None
    proxy_url: str = ""
    disable_compression: bool = False


def from_cluster_secret(server: str, config: bytes) -> Connection:
    """The connection a cluster Secret describes: its `server` and `config` values, decoded from base64.

    Raises ConnectionConfigError when the JSON is broken, or says two things of which one would be lost.
    """
    try:
        parsed = msgspec.json.decode(config or b"{}", type=_ClusterConfig)
    except (ValueError, RecursionError):
        raise ConnectionConfigError(f"cluster {server}: config is not the JSON of a cluster config") from None
    tls = parsed.tls_client_config or _TLSClientConfig()
    problem = _contradiction(parsed, tls)
    if problem:
        raise ConnectionConfigError(f"cluster {server}: {problem}")
    return Connection(
        server=server.rstrip("/"),
        ca=_pem(server, "caData", tls.ca_data),
        client_cert=_pem(server, "certData", tls.cert_data),
        client_key=_pem(server, "keyData", tls.key_data),
        token=parsed.bearer_token or None,
        username=parsed.username or None,
        password=parsed.password or None,
        identity=_identity(server, parsed),
        insecure=tls.insecure,
        server_name=tls.server_name or None,
        proxy_url=parsed.proxy_url or None,
        compress=not parsed.disable_compression,
        is_declared=True,
    )


def _contradiction(config: _ClusterConfig, tls: _TLSClientConfig) -> str:
    """Why not all that is said can be followed, or ""."""
    ways = {
        "username": config.username,
        "bearerToken": config.bearer_token,
        "execProviderConfig": config.exec_provider_config,
        "awsAuthConfig": config.aws_auth_config,
    }
    given = [name for name, value in ways.items() if value]
    if len(given) > 1:
        return f"{' and '.join(given)} exclude each other: of its config one may be there"
    if config.password and not config.username:
        return "a password needs a username"
    if bool(tls.cert_data) is not bool(tls.key_data):
        return "certData and keyData are of use only together"
    if tls.insecure and tls.ca_data:
        return "with insecure no certificate is checked, so caData cannot be there as well"
    return ""


def _identity(server: str, config: _ClusterConfig) -> Identity | None:
    aws, program = config.aws_auth_config, config.exec_provider_config
    if aws is not None:
        if not aws.cluster_name:
            raise ConnectionConfigError(f"cluster {server}: awsAuthConfig needs a clusterName")
        return Aws(cluster=aws.cluster_name, role=aws.role, profile=aws.profile)
    if program is None:
        return None
    if not program.command:
        raise ConnectionConfigError(f"cluster {server}: execProviderConfig needs a command")
    version = program.api_version or EXEC_VERSIONS[0]
    if version not in EXEC_VERSIONS:
        raise ConnectionConfigError(
            f"cluster {server}: apiVersion of execProviderConfig is one of {', '.join(EXEC_VERSIONS)}"
        )
    found = Program(
        command=program.command,
        args=tuple(program.args or ()),
        env=tuple(sorted((program.env or {}).items())),
        api_version=version,
        install_hint=program.install_hint,
        wants_cluster=program.provide_cluster_info,
        config=bytes(program.config),
    )
    return native(found)


def _pem(server: str, field: str, encoded: str) -> bytes | None:
    if not encoded:
        return None
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise ConnectionConfigError(f"cluster {server}: {field} is not base64") from None


def ssl_context(connection: Connection) -> ssl.SSLContext:
    """The TLS settings of a connection.

    Raises ConnectionConfigError when a certificate or key cannot be read. Strict X.509 is left off:
    API servers' own certificate authorities often lack the extensions it asks for.
    """
    try:
        context = ssl.create_default_context(cadata=connection.ca.decode() if connection.ca else None)
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if connection.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if connection.client_cert and connection.client_key:
            _load_pair(context, connection.client_cert, connection.client_key)
    except (ssl.SSLError, ValueError):
        raise ConnectionConfigError(
            f"cluster {connection.server}: a certificate or key is not valid PEM"
        ) from None
    return context


def _load_pair(context: ssl.SSLContext, cert: bytes, key: bytes) -> None:
    """`ssl` reads key pairs from files only; ours is readable by us alone and gone at once."""
    with tempfile.NamedTemporaryFile(prefix="fairlead-") as pair:
        pair.write(cert.rstrip() + b"\n" + key.rstrip() + b"\n")
        pair.flush()
        context.load_cert_chain(pair.name)
