"""What fails: processes killed and frozen, servers killed and wiped, edges slowed, stalled, cut and lying.

Invariant: what fails, when and for how long comes from one source of chance, and is written down.
"""

import asyncio
import contextlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import msgspec
import structlog

from tests.chaos.edge import Edge
from tests.chaos.kube_edge import KubeEdge
from tests.chaos.nats_edge import Shares
from tests.chaos.place import SECOND_CLUSTER, EdgedSuite, Place
from tests.chaos.poison import Poison

log = structlog.get_logger(__name__)

WEIGHTS: Mapping[str, int] = {
    "kill_service": 40,
    "kill_engine": 6,
    "freeze_service": 6,
    "kill_nats": 5,
    "wipe_nats": 2,
    "kill_redis": 4,
    "flush_redis": 3,
    "edge_of_nats": 8,
    "edge_of_redis": 5,
    "edge_of_kube": 12,
    "edge_of_second_cluster": 4,
    "git": 6,
    "answers_of_kube": 10,
    "lost_answers": 8,
    "silent_watches": 4,
    "lost_messages": 6,
    "repeated_messages": 4,
    "late_messages": 6,
    "old_messages": 6,
    "poison_redis": 3,
    "receiver": 6,
}
DISTURBING = frozenset(
    {"freeze_service", "edge_of_kube", "answers_of_kube", "lost_answers", "silent_watches"}
)
"""After which another replica may take over from one that lives, or one may not know what it did."""
LONGEST = 12.0
"""Seconds an edge stays broken."""
LONGEST_FREEZE = 25.0
MOST_OLD = 20
"""Old messages that are sent again at once."""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that failed, from when until when by the monotonic clock; a blow has no length."""

    name: str
    target: str
    at: float
    until: float


class Faults:
    """Breaks one thing after another, each for a while, some together."""

    def __init__(self, place: Place, chance: random.Random, weights: Mapping[str, int] = WEIGHTS) -> None:
        self.done: Counter[str] = Counter()
        self.kills: list[tuple[float, str]] = []
        self.told: list[Fault] = []
        self._place = place
        self._chance = chance
        self._poison = Poison(place.suite.redis.url, random.Random(chance.random()))  # noqa: S311
        self._name = ""
        self._weights = {name: weight for name, weight in weights.items() if weight}
        self._healing: set[asyncio.Task[None]] = set()
        self._frozen: set[int] = set()

    @property
    def suite(self) -> EdgedSuite:
        """What is broken."""
        return self._place.suite

    async def run(self, seconds: float, *, pause: float) -> None:
        """Break until the time is over, then heal everything."""
        deeds: dict[str, Callable[[], Awaitable[None]]] = {
            name: getattr(self, f"_{name}") for name in self._weights
        }
        ends = time.monotonic() + seconds
        try:
            while time.monotonic() < ends:
                await asyncio.sleep(self._chance.uniform(0, 2 * pause))
                name = self._chance.choices(tuple(self._weights), tuple(self._weights.values()))[0]
                self._name = name
                await deeds[name]()
                self.done[name] += 1
        finally:
            await self.heal()

    async def heal(self) -> None:
        """Nothing is broken any more."""
        for task in self._healing:
            task.cancel()
        await asyncio.gather(*self._healing, return_exceptions=True)
        for pid in tuple(self._frozen):
            self._thaw(pid)
        for edge in (
            *self.suite.nats_edges.values(),
            *self.suite.redis_edges.values(),
            *self.suite.kube_edges.values(),
            self._place.git.edge,
        ):
            edge.heal()
        self._place.git.resume()
        self._place.post.heal()

    def kill(self, instance: str) -> None:
        """SIGKILL one process; the suite starts it again."""
        pid = self.suite.services[instance].pid
        if pid:
            self.kills.append((time.monotonic(), instance))
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)

    @property
    def messages(self) -> dict[str, int]:
        """How many single messages met what."""
        return dict(sum((edge.counts for edge in self.suite.nats_edges.values()), Counter[str]()))

    def during(self, begin: float, end: float) -> list[Fault]:
        """What failed in a span of time, or just before it."""
        return [fault for fault in self.told if fault.at <= end and fault.until >= begin - 1.0]

    def disturbed(self, service: str) -> list[tuple[float, float]]:
        """When processes of a service were killed, frozen, or kept from the API server, which has leases."""
        spans = [(at, at) for at, instance in self.kills if instance.startswith(service)]
        return spans + [
            (fault.at, fault.until)
            for fault in self.told
            if fault.name in DISTURBING and fault.target.startswith(service)
        ]

    def _tell(self, target: str, seconds: float = 0.0) -> None:
        now = time.monotonic()
        self.told.append(Fault(name=self._name, target=target, at=now, until=now + seconds))
        log.debug("chaos.fault", fault=self._name, target=target, seconds=round(seconds, 1))

    async def _kill_service(self) -> None:
        instance = self._some_instance()
        self._tell(instance)
        self.kill(instance)

    async def _kill_engine(self) -> None:
        instance = self._some_instance("repo-server")
        self._tell(instance)
        children = engines_of(self.suite.services[instance].pid)
        if children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._chance.choice(children), signal.SIGKILL)

    async def _freeze_service(self) -> None:
        instance, seconds = self._some_instance(), self._chance.uniform(1, LONGEST_FREEZE)
        pid = self.suite.services[instance].pid
        if pid and pid not in self._frozen:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGSTOP)
                self._frozen.add(pid)
                self._later(lambda: self._thaw(pid), seconds, instance)

    def _thaw(self, pid: int) -> None:
        self._frozen.discard(pid)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGCONT)

    async def _kill_nats(self) -> None:
        self._tell("nats")
        await self.suite.nats.kill()

    async def _wipe_nats(self) -> None:
        self._tell("nats")
        await self.suite.nats.restart(wipe=True)

    async def _kill_redis(self) -> None:
        self._tell("redis")
        await self.suite.redis.kill()

    async def _flush_redis(self) -> None:
        self._tell("redis")
        await self.suite.redis.restart()

    async def _poison_redis(self) -> None:
        self._tell(await self._poison.spoil())

    async def _edge_of_nats(self) -> None:
        self._break(self.suite.nats_edges[self._some_instance()])

    async def _edge_of_redis(self) -> None:
        self._break(self.suite.redis_edges[self._some_instance()])

    async def _edge_of_kube(self) -> None:
        self._break(self.suite.kube_edges[self._some_instance()])

    async def _edge_of_second_cluster(self) -> None:
        self._break(self.suite.kube_edges[SECOND_CLUSTER])

    async def _lost_messages(self) -> None:
        self._upset(Shares(lost=self._chance.choice((0.02, 0.1, 0.4))))

    async def _repeated_messages(self) -> None:
        self._upset(Shares(repeated=self._chance.choice((0.1, 0.5, 1.0))))

    async def _late_messages(self) -> None:
        """Some are held back while later ones pass."""
        self._upset(Shares(late=self._chance.choice((0.05, 0.2, 0.6))))

    async def _old_messages(self) -> None:
        """What was published minutes ago comes again: of this process or of another of its kind."""
        instance, number = self._some_instance(), self._chance.randint(1, MOST_OLD)
        self._tell(instance)
        self.suite.nats_edges[instance].publish_again(number)

    def _upset(self, shares: Shares) -> None:
        edge = self.suite.nats_edges[self._some_instance()]
        edge.upset(shares)
        self._later(edge.heal, self._chance.uniform(2, LONGEST), f"{edge.name} {shares}")

    async def _git(self) -> None:
        git = self._place.git
        deed = self._chance.choice(("edge", "fail", "hang"))
        if deed == "edge":
            self._break(git.edge)
            return
        if deed == "fail":
            git.fail(self._chance.choice((401, 403, 429, 500, 503)))
        else:
            git.hang()
        self._later(git.resume, self._chance.uniform(1, LONGEST), deed)

    async def _receiver(self) -> None:
        """Who is told refuses, hangs, or takes a message without an answer."""
        post = self._place.post
        deed = self._chance.choice(("fail", "hang", "lose"))
        if deed == "fail":
            post.fail(self._chance.choice((429, 500, 503)))
        elif deed == "hang":
            post.hang()
        else:
            post.lose()
        self._later(post.heal, self._chance.uniform(1, LONGEST), deed)

    async def _answers_of_kube(self) -> None:
        """The API server refuses a share of what it is asked: conflicts, too many, errors."""
        edge = self._some_kube_edge()
        edge.refused = {self._chance.choice((409, 429, 500, 503)): self._chance.choice((0.1, 0.3, 0.6))}
        self._later(edge.heal, self._chance.uniform(2, LONGEST), f"{edge.name} {edge.refused}")

    async def _lost_answers(self) -> None:
        """The API server does what it is asked, and the answer never comes."""
        edge = self._some_kube_edge()
        edge.lost = self._chance.choice((0.2, 0.5))
        self._later(edge.heal, self._chance.uniform(2, LONGEST), f"{edge.name} {edge.lost}")

    async def _silent_watches(self) -> None:
        edge = self._some_kube_edge()
        edge.stall_watches()

        def wake() -> None:
            edge.heal()
            edge.cut()

        self._later(wake, self._chance.uniform(2, LONGEST), edge.name)

    def _break(self, edge: Edge | KubeEdge) -> None:
        deed = self._chance.choice(("cut", "stall", "refuse", "slow"))
        if deed == "cut":
            self._tell(f"{edge.name} cut")
            edge.cut()
            return
        if deed == "stall":
            edge.stall()
        elif deed == "refuse":
            edge.refuse()
        else:
            edge.slow(self._chance.choice((0.02, 0.1, 0.4)))
        self._later(edge.heal, self._chance.uniform(1, LONGEST), f"{edge.name} {deed}")

    def _later(self, deed: Callable[[], object], seconds: float, target: str) -> None:
        """It fails for so long, then the deed heals it."""
        self._tell(target, seconds)

        async def wait() -> None:
            await asyncio.sleep(seconds)
            deed()

        task = asyncio.create_task(wait())
        self._healing.add(task)
        task.add_done_callback(self._healing.discard)

    def _some_instance(self, service: str = "") -> str:
        instances = self.suite.instances
        return self._chance.choice([name for name, of in instances.items() if service in {"", of}])

    def _some_kube_edge(self) -> KubeEdge:
        return self._chance.choice(tuple(self.suite.kube_edges.values()))


def engines_of(pid: int) -> list[int]:
    """The render engines among a process's children."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [child for child in map(int, children.split()) if "render-engine" in _program(child)]


def _program(pid: int) -> str:
    try:
        return str(Path(f"/proc/{pid}/exe").readlink())
    except OSError:
        return ""
