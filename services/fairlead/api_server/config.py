"""How this process was started: one frozen struct, read once."""

from collections.abc import Sequence
from ipaddress import ip_address

from fairlead.process.config import Flags, ServiceConfig, shared_settings
from fairlead.process.flags import Environment, flag_parser

SERVICE = "api-server"


class Config(ServiceConfig, frozen=True, kw_only=True):
    """Everything that flags and environment decide."""

    listen: str = "0.0.0.0"  # noqa: S104 - a server's default
    port: int = 8080
    insecure: bool = False
    tls_cert: str = ""
    tls_key: str = ""
    dex_server: str = ""
    rootpath: str = ""
    times_calls: bool = False

    @property
    def is_local(self) -> bool:
        """Whether the API is served to this machine alone."""
        try:
            return self.listen == "localhost" or ip_address(self.listen).is_loopback
        except ValueError:
            return False


def read(arguments: Sequence[str] | None = None, environment: Environment | None = None) -> Config:
    """The configuration of this process. Exits with usage on a wrong flag."""
    env = environment or Environment()
    parser = flag_parser(SERVICE, env)
    flags = Flags(parser, env)
    flags.text("--listen", "0.0.0.0", "address to listen on")  # noqa: S104 - a server's default
    flags.text("--port", "8080", "port of the API")
    flags.switch("--insecure", "serve without TLS")
    flags.text("--tls-cert", "", "PEM file of a certificate")
    flags.text("--tls-key", "", "PEM file of its key")
    flags.text("--dex-server", "", "where Dex is, with its scheme; as argocd-cmd-params-cm says unless given")
    flags.text("--rootpath", env.variable("ARGOCD_SERVER_ROOTPATH"), "path under which all is served")
    given = parser.parse_args(arguments)
    return Config(
        **shared_settings(given, env),  # type: ignore[arg-type]  # the fields of the base, by name
        listen=given.listen,
        port=int(given.port),
        insecure=given.insecure,
        tls_cert=given.tls_cert,
        tls_key=given.tls_key,
        dex_server=given.dex_server.rstrip("/"),
        rootpath=given.rootpath,
        times_calls=env.variable("ARGOCD_ENABLE_GRPC_TIME_HISTOGRAM") == "true",
    )
