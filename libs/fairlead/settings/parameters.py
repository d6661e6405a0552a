"""What argocd-cmd-params-cm says to the app-controller; read at its start.

Invariant: an absent or empty ConfigMap gives the defaults of contract 11.2.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from fairlead.settings.reading import Reader
from fairlead.sync.deadlines import ATTEMPT, HOOK, WAIT, Deadlines

CONFIG_MAP = "argocd-cmd-params-cm"
MOST_PROCESSES = 64
"""Of one controller; each follows all Applications, projects and settings."""


class HealBackoff(msgspec.Struct, frozen=True, kw_only=True):
    """The pause before the n-th heal in a row, in seconds: 0, then initial * factor^(n-1), at most cap."""

    initial: float = 2.0
    factor: int = 3
    cap: float = 300.0

    def wait(self, attempts: int) -> float:
        """Seconds after the last operation's end that must pass after `attempts` heals."""
        if attempts <= 0:
            return 0.0
        return float(min(self.initial * self.factor ** min(attempts - 1, 64), self.cap))


class MetricsOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Which labels and conditions are told; after `expiration` seconds counts begin anew, 0 for never."""

    application_labels: tuple[str, ...] = ()
    application_conditions: tuple[str, ...] = ()
    cluster_labels: tuple[str, ...] = ()
    expiration: float = 0.0


class ControllerParameters(msgspec.Struct, frozen=True, kw_only=True):
    """Times in seconds; counts are of things done at once. `reposerver` is what the repo-servers are told."""

    application_namespaces: tuple[str, ...] = ()
    processes: int = 1
    status_processors: int = 20
    operation_processors: int = 10
    hydrates: bool = False
    hydration_processors: int = 5
    parallel_applies: int = 20
    heal_timeout: float = 0.0
    heal_backoff: HealBackoff = HealBackoff()
    sync_timeout: float = 0.0
    deadlines: Deadlines = Deadlines()
    newest_commit_wins: bool = True
    wave_delay: float = 2.0
    persist_resource_health: bool = False
    repository_error_grace: float = 180.0
    server_side_diff: bool = False
    jq_timeout: float = 1.0
    metrics: MetricsOptions = MetricsOptions()
    reposerver: dict[str, str] = {}
    problems: tuple[str, ...] = ()


def controller_parameters(data: Mapping[str, str]) -> ControllerParameters:
    """Read the `data` of argocd-cmd-params-cm. Never raises; see `problems`."""
    read = Reader(CONFIG_MAP, data)
    backoff = HealBackoff(
        initial=read.number("controller.self.heal.backoff.timeout.seconds", 2.0),
        factor=read.integer("controller.self.heal.backoff.factor", 3),
        cap=read.number("controller.self.heal.backoff.cap.seconds", 300.0),
    )
    return ControllerParameters(
        application_namespaces=read.words("application.namespaces"),
        processes=min(MOST_PROCESSES, max(1, read.integer("controller.processes", 1))),
        status_processors=max(1, read.integer("controller.status.processors", 20)),
        operation_processors=max(1, read.integer("controller.operation.processors", 10)),
        hydrates=read.flag("hydrator.enabled"),
        hydration_processors=max(1, read.integer("controller.hydration.processors", 5)),
        parallel_applies=max(1, read.integer("controller.kubectl.parallelism.limit", 20)),
        heal_timeout=read.number("controller.self.heal.timeout.seconds", 0.0),
        heal_backoff=backoff,
        sync_timeout=read.number("controller.sync.timeout.seconds", 0.0),
        deadlines=Deadlines(
            attempt=read.number("controller.sync.attempt.timeout.seconds", ATTEMPT),
            hook=read.number("controller.sync.hook.timeout.seconds", HOOK),
            wait=read.number("controller.sync.wait.timeout.seconds", WAIT),
        ),
        newest_commit_wins=read.flag("controller.sync.newest.commit.wins", default=True),
        wave_delay=read.number("controller.sync.wave.delay.seconds", 2.0),
        persist_resource_health=read.flag("controller.resource.health.persist"),
        repository_error_grace=read.number("controller.repo.error.grace.period.seconds", 180.0),
        server_side_diff=read.flag("controller.diff.server.side"),
        jq_timeout=read.duration("controller.ignore.normalizer.jq.timeout", 1.0),
        metrics=MetricsOptions(
            application_labels=read.words("controller.metrics.application.labels"),
            application_conditions=read.words("controller.metrics.application.conditions"),
            cluster_labels=read.words("controller.metrics.cluster.labels"),
            expiration=read.duration("controller.metrics.cache.expiration", 0.0),
        ),
        reposerver={key: value for key, value in data.items() if key.startswith("reposerver.")},
        problems=tuple(read.problems),
    )
