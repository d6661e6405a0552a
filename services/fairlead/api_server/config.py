"""How this process was started: one frozen struct, read once."""

import argparse
from collections.abc import Sequence

import msgspec

from fairlead.auth.secret import Secret
from fairlead.process.flags import Environment, flag_parser

SERVICE = "api-server"
_TRUE = {"1", "true", "yes", "on"}


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that flags and environment decide. Secrets mask themselves."""

    namespace: str = "argocd"
    kubeconfig: str = ""
    kube_context: str = ""
    nats_url: str = "nats://127.0.0.1:4222"
    nats_user: str = SERVICE
    nats_password: Secret = msgspec.field(default_factory=lambda: Secret(""))
    redis_url: Secret = msgspec.field(default_factory=lambda: Secret("redis://127.0.0.1:6379"))
    cache_secret: Secret = msgspec.field(default_factory=lambda: Secret(""))
    listen: str = "0.0.0.0"  # noqa: S104 - a server's default
    port: int = 8080
    insecure: bool = False
    tls_cert: str = ""
    tls_key: str = ""
    log_format: str = "json"
    log_level: str = "info"
    probe_address: str = "127.0.0.1"
    probe_port: int = 0


def read(arguments: Sequence[str] | None = None, environment: Environment | None = None) -> Config:
    """The configuration of this process. Exits with usage on a wrong flag."""
    env = environment or Environment()
    given = _parser(env).parse_args(arguments)
    return Config(
        namespace=given.namespace,
        kubeconfig=given.kubeconfig,
        kube_context=given.kube_context,
        nats_url=given.nats_url,
        nats_user=given.nats_user,
        nats_password=Secret(env.secret("FAIRLEAD_NATS_PASSWORD")),
        redis_url=Secret(env.secret("FAIRLEAD_REDIS_URL") or "redis://127.0.0.1:6379"),
        cache_secret=Secret(env.secret("FAIRLEAD_CACHE_SECRET")),
        listen=given.listen,
        port=int(given.port),
        insecure=given.insecure,
        tls_cert=given.tls_cert,
        tls_key=given.tls_key,
        log_format=given.log_format,
        log_level=given.log_level,
        probe_address=given.probe_address,
        probe_port=int(given.probe_port),
    )


def _parser(env: Environment) -> argparse.ArgumentParser:
    parser = flag_parser(SERVICE, env)
    parser.add_argument("--listen", default=env.default("--listen", "0.0.0.0"), help="address to listen on")  # noqa: S104
    parser.add_argument("--port", default=env.default("--port", "8080"), help="port of the API (8080)")
    parser.add_argument(
        "--insecure",
        action="store_true",
        default=env.default("--insecure", "").lower() in _TRUE,
        help="serve without TLS",
    )
    parser.add_argument("--tls-cert", default=env.default("--tls-cert", ""), help="PEM file of a certificate")
    parser.add_argument("--tls-key", default=env.default("--tls-key", ""), help="PEM file of its key")
    return parser
