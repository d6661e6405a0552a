"""What a stretch of time cost: wall seconds, CPU seconds by process, and what others on the machine took.

The invariant: every figure of a stretch comes from the same two looks at /proc.
"""

import os

import msgspec

from fairlead.local.suite import Suite
from tests.bench.processes import ENGINE, NOTHING, Memory, Processes

BROKERS = ("nats", "redis")


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """`seconds` of the wall, the rest CPU seconds.

    `run` is the benchmark and all it started, `others` everything else on the machine.
    """

    seconds: float
    ours: dict[str, float]
    brokers: dict[str, float]
    cluster: dict[str, float]
    run: float
    others: float

    @property
    def cpu_seconds(self) -> float:
        """Of Fairlead's own processes."""
        return sum(self.ours.values())

    @property
    def least_seconds(self) -> float:
        """Of the wall, if the run had all cores to itself and never waited."""
        return self.run / (os.cpu_count() or 1)

    @property
    def disturbance(self) -> float:
        """The share of the machine's cores that other work took, 0 to 1."""
        return self.others / (self.seconds * (os.cpu_count() or 1)) if self.seconds else 0.0


class Meter:
    """Started when made; read as often as wanted."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite
        self._restarts = _restarts(suite)
        self._first = Processes()

    def spent(self) -> Spent:
        """Since the meter was made."""
        now = Processes()
        run = sum(_difference(self._first, now, {"bench": os.getpid()}).values())
        return Spent(
            seconds=now.at - self._first.at,
            ours=_difference(self._first, now, services(self._suite)),
            brokers=_difference(self._first, now, brokers(self._suite)),
            cluster=_difference(self._first, now, cluster(self._suite)),
            run=run,
            others=max(0.0, now.machine_seconds - self._first.machine_seconds - run),
        )

    @property
    def restarts(self) -> int:
        """How often a service ended and was started again meanwhile; then its CPU seconds are incomplete."""
        return _restarts(self._suite) - self._restarts


def services(suite: Suite) -> dict[str, int]:
    """Fairlead's own processes."""
    return {name: service.pid for name, service in suite.services.items() if service.pid}


def brokers(suite: Suite) -> dict[str, int]:
    """NATS and Redis."""
    return {"nats": suite.nats.pid, "redis": suite.redis.pid}


def cluster(suite: Suite) -> dict[str, int]:
    """The parts of the control plane, when it is one of ours."""
    plane = suite.control_plane
    return {} if plane is None else {name: server.pid for name, server in plane.servers.items()}


def memory(suite: Suite) -> tuple[dict[str, Memory], dict[str, Memory]]:
    """Memory now: of Fairlead's processes, and of NATS and Redis."""
    now = Processes()
    return now.memory(services(suite)), now.memory(brokers(suite))


def total(parts: dict[str, Memory]) -> Memory:
    """Memory of several processes together."""
    whole = NOTHING
    for part in parts.values():
        whole += part
    return whole


def _difference(first: Processes, now: Processes, roots: dict[str, int]) -> dict[str, float]:
    before, after = first.cpu_seconds(roots), now.cpu_seconds(roots)
    if ENGINE in before and ENGINE not in after:
        after[ENGINE] = before[ENGINE]
    return {name: after[name] - before.get(name, 0.0) for name in after}


def _restarts(suite: Suite) -> int:
    return sum(service.restarts for service in suite.services.values())
