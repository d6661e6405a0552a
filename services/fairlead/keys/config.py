"""What this program is told at start, read once."""

from collections.abc import Sequence

import msgspec

from fairlead.keys.wanted import SERVERS
from fairlead.kube.connection import Connection
from fairlead.process.config import Flags, ServiceConfig, shared_settings
from fairlead.process.flags import Environment, flag_parser

SERVICE = "keys"
MOST = 5
"""Servers of a cluster at most; certificates are for all, so that none is made anew when more come to be."""
REPLICAS = tuple(f"argocd-redis-ha-announce-{number}" for number in range(3))
"""The Services of single servers of a Redis with replicas."""


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """Where the Secret is, and the hosts that each server of the suite is reached by.

    With a `folder`, the certificate and key of `server` are written there, for a server in the same pod.
    """

    connection: Connection
    namespace: str
    secret: str
    hosts: dict[str, tuple[str, ...]]
    server: str
    folder: str
    log_format: str
    log_level: str


def read_config(arguments: Sequence[str] | None = None, environment: Environment | None = None) -> Config:
    """The configuration of this process. Exits with usage on a wrong flag."""
    env = environment or Environment()
    parser = flag_parser(SERVICE, env)
    flags = Flags(parser, env)
    flags.text("--secret", "fairlead-keys", "name of the Secret")
    flags.text("--server", "nats", "whose certificate and key are written to the folder")
    flags.text("--folder", "", "where they are written; nothing is when empty")
    for server in SERVERS:
        flags.text(f"--{server}-service", f"argocd-{server}", f"name of {server}'s Service")
    given = parser.parse_args(arguments)
    shared = ServiceConfig(**shared_settings(given, env))  # type: ignore[arg-type]  # its fields, by name
    return Config(
        connection=shared.connection(),
        namespace=shared.namespace,
        secret=given.secret,
        hosts={
            "nats": (*_hosts(given.nats_service, shared.namespace), *members(given.nats_service)),
            "redis": (*_hosts(given.redis_service, shared.namespace), *REPLICAS),
        },
        server=given.server,
        folder=given.folder,
        log_format=shared.log_format,
        log_level=shared.log_level,
    )


def members(service: str) -> tuple[str, ...]:
    """The servers of a NATS cluster, by the names of their pods."""
    return tuple(f"{service}-{number}.{service}-headless" for number in range(MOST))


def _hosts(service: str, namespace: str) -> tuple[str, ...]:
    qualified = f"{service}.{namespace}"
    return (service, qualified, f"{qualified}.svc", f"{qualified}.svc.cluster.local")
