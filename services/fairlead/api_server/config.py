"""How this process was started: one frozen struct, read once."""

from collections.abc import Sequence
from ipaddress import ip_address

from fairlead.process.config import Flags, ServiceConfig, shared_settings, verifies_signatures
from fairlead.process.flags import Environment, flag_parser

SERVICE = "api-server"
AS_SETTINGS_SAY = "as argocd-cmd-params-cm says"
"""The default of flags for which "" means something."""
EXTENSIONS = "/tmp/extensions"  # noqa: S108 - where Argo CD has scripts of the web UI mounted


class Config(ServiceConfig, frozen=True, kw_only=True):
    """Everything that flags and environment decide."""

    listen: str = "0.0.0.0"  # noqa: S104 - a server's default
    port: int = 8080
    insecure: bool = False
    tls_cert: str = ""
    tls_key: str = ""
    dex_server: str = ""
    rootpath: str = ""
    basehref: str = ""
    static_assets: str = ""
    extensions: str = EXTENSIONS
    frame_options: str | None = None
    content_policy: str | None = None
    times_calls: bool = False
    verifies_signatures: bool = True
    observes: bool = False
    """Whether nothing is written to the cluster, whoever asks for it."""

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
    flags.switch("--observe", "only show, and write to no cluster at all (docs/migration.md)")
    _ui_flags(flags, env)
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
        basehref=given.basehref,
        static_assets=given.staticassets,
        extensions=given.extensions,
        frame_options=None if given.x_frame_options == AS_SETTINGS_SAY else given.x_frame_options,
        content_policy=(
            None if given.content_security_policy == AS_SETTINGS_SAY else given.content_security_policy
        ),
        times_calls=env.variable("ARGOCD_ENABLE_GRPC_TIME_HISTOGRAM") == "true",
        verifies_signatures=verifies_signatures(env),
        observes=given.observe,
    )


def _ui_flags(flags: Flags, env: Environment) -> None:
    flags.text("--basehref", env.variable("ARGOCD_SERVER_BASEHREF"), "path at which browsers find all this")
    flags.text("--staticassets", env.variable("ARGOCD_SERVER_STATIC_ASSETS"), "folder of a built web UI")
    flags.text("--extensions", EXTENSIONS, "folder of an operator's scripts for the web UI, extension*.js")
    flags.text(
        "--x-frame-options",
        env.variable("ARGOCD_SERVER_X_FRAME_OPTIONS") or AS_SETTINGS_SAY,
        'header of the pages; "" for none',
    )
    flags.text(
        "--content-security-policy",
        env.variable("ARGOCD_SERVER_CONTENT_SECURITY_POLICY") or AS_SETTINGS_SAY,
        "directives laid over those of the pages",
    )
