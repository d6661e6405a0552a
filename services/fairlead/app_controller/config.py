"""Flags and environment of the app-controller, read once into one frozen struct."""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from pathlib import Path

from fairlead.app_controller.destination.minted import Surroundings, surroundings_of
from fairlead.process.config import Flags, ServiceConfig, shared_settings, verifies_signatures
from fairlead.process.flags import Environment, flag_parser

SERVICE = "app-controller"
UNUSED = (
    "ARGOCD_CONTROLLER_REPLICAS",
    "ARGOCD_CONTROLLER_SHARDING_ALGORITHM",
    "ARGOCD_CONTROLLER_HEARTBEAT_TIME",
    "ARGOCD_ENABLE_DYNAMIC_CLUSTER_DISTRIBUTION",
)
"""Variables that Argo CD needs to share clusters out; here the replicas that hold a Lease do that."""
_ORDINAL = re.compile(r"-(\d+)$")


class Config(ServiceConfig, frozen=True, kw_only=True):
    """How this process runs. Rates are per second; a wave delay below zero takes the ConfigMap's.

    `verifies_signatures` is false only where an operator switched that off (contract 7.11).

    Without `workers` or `operators`, argocd-cmd-params-cm says how many comparisons and operations are worked
    on at once.
    """

    render_engine: Path | None = None
    processes: int = 0
    """How many processes this controller is; 0 for what argocd-cmd-params-cm says."""
    life: str = ""
    """What the processes of one controller share, and no earlier or later ones have; "" for one alone."""
    shard: int = 0
    unused: tuple[str, ...] = ()
    workers: int = 0
    operators: int = 0
    moves_per_second: float = 20.0
    events_per_second: float = 25.0
    wave_delay: float = -1.0
    verifies_signatures: bool = True
    cluster_programs: frozenset[str] = frozenset()
    """Programs that Secrets of clusters may have run (`execProviderConfig`)."""
    observes: bool = False
    """Whether nothing is written to any cluster: what would be is told beside what others wrote."""
    tries: bool = True
    """Whether an observer asks API servers by dry runs what applying would change."""
    surroundings: Surroundings = Surroundings()


def shard_of(env: Environment, host: str) -> str:
    """This replica's number: ARGOCD_CONTROLLER_SHARD, else the ordinal of a StatefulSet's pod, else 0."""
    given = env.variable("ARGOCD_CONTROLLER_SHARD").strip()
    if given.isdecimal():
        return given
    ordinal = _ORDINAL.search(host)
    return ordinal.group(1) if ordinal is not None else "0"


def read_config(arguments: Sequence[str] | None = None, environment: Environment | None = None) -> Config:
    """The configuration of this process. Exits with usage on a wrong flag."""
    env = environment or Environment()
    parser = flag_parser(SERVICE, env)
    flags = Flags(parser, env)
    flags.text("--render-engine", "", "the render engine's binary, for the scripts of actions and links")
    flags.text("--shard", shard_of(env, socket.gethostname()), "number that a cluster Secret's shard names")
    flags.text("--processes", "0", "processes, each with clusters of its own; 0 takes controller.processes")
    flags.text("--workers", "0", "comparisons at once; 0 takes controller.status.processors")
    flags.text("--operators", "0", "operations at once; 0 takes controller.operation.processors")
    flags.text("--moves-per-second", "20", "unaffected applications whose revision is moved per second")
    flags.text("--events-per-second", "25", "Kubernetes Events written per second")
    flags.text("--wave-delay", "-1", "seconds between sync waves; below zero takes argocd-cmd-params-cm's")
    flags.text("--cluster-programs", "", "programs that Secrets of clusters may have run; * is any")
    flags.switch("--observe", "only look: compare, and write to no cluster at all (docs/migration.md)")
    flags.switch("--observe-without-dry-runs", "the same, with rights to read and no others")
    given = parser.parse_args(arguments)
    observes = given.observe or given.observe_without_dry_runs
    return Config(
        **shared_settings(given, env),  # type: ignore[arg-type]  # the fields of the base, by name
        render_engine=Path(given.render_engine) if given.render_engine else None,
        processes=1 if observes else int(given.processes),
        observes=observes,
        tries=not given.observe_without_dry_runs,
        shard=int(given.shard),
        unused=tuple(name for name in UNUSED if env.variable(name)),
        workers=int(given.workers),
        operators=int(given.operators),
        moves_per_second=float(given.moves_per_second),
        events_per_second=float(given.events_per_second),
        wave_delay=float(given.wave_delay),
        cluster_programs=frozenset(filter(None, map(str.strip, given.cluster_programs.split(",")))),
        surroundings=surroundings_of(env.all()),
        verifies_signatures=verifies_signatures(env),
    )
