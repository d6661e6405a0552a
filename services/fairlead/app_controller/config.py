"""Flags and environment of the app-controller, read once into one frozen struct."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import msgspec

from fairlead.process import Environment, flag_parser

SERVICE = "app-controller"


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """How this process runs. Rates are per second; a wave delay below zero takes the ConfigMap's."""

    namespace: str = "argocd"
    kubeconfig: str = ""
    kube_context: str = ""
    nats_url: str = "nats://127.0.0.1:4222"
    nats_user: str = SERVICE
    nats_password: str = ""
    redis_url: str = "redis://127.0.0.1:6379"
    cache_secret: str = ""
    log_format: str = "json"
    log_level: str = "info"
    probe_address: str = "127.0.0.1"
    probe_port: int = 0
    shard: int = 0
    workers: int = 20
    moves_per_second: float = 20.0
    events_per_second: float = 25.0
    wave_delay: float = -1.0

    def __repr__(self) -> str:
        return f"Config(namespace={self.namespace!r}, shard={self.shard})"


def read_config(arguments: Sequence[str] | None = None, environment: Environment | None = None) -> Config:
    """Flags over environment over defaults; secrets only from the environment or files."""
    env = environment or Environment()
    given = _parser(env).parse_args(arguments)
    return Config(
        namespace=given.namespace,
        kubeconfig=given.kubeconfig,
        kube_context=given.kube_context,
        nats_url=given.nats_url,
        nats_user=given.nats_user,
        nats_password=env.secret("FAIRLEAD_NATS_PASSWORD"),
        redis_url=env.secret("FAIRLEAD_REDIS_URL") or "redis://127.0.0.1:6379",
        cache_secret=env.secret("FAIRLEAD_CACHE_SECRET"),
        log_format=given.log_format,
        log_level=given.log_level,
        probe_address=given.probe_address,
        probe_port=int(given.probe_port),
        shard=int(given.shard),
        workers=int(given.workers),
        moves_per_second=float(given.moves_per_second),
        events_per_second=float(given.events_per_second),
        wave_delay=float(given.wave_delay),
    )


def _parser(env: Environment) -> argparse.ArgumentParser:
    parser = flag_parser(SERVICE, env)

    def flag(name: str, otherwise: str, text: str) -> None:
        parser.add_argument(name, default=env.default(name, otherwise), help=f"{text} ({otherwise})")

    flag("--shard", "0", "which shard of the applications this replica owns")
    flag("--workers", "20", "applications worked on at once")
    flag("--moves-per-second", "20", "unaffected applications whose revision is moved per second")
    flag("--events-per-second", "25", "Kubernetes Events written per second")
    flag("--wave-delay", "-1", "seconds between sync waves; below zero takes argocd-cmd-params-cm's")
    return parser
