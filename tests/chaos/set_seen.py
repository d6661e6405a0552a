"""What becomes of the Applications of sets, by watches straight at the API server."""

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Any, Self

import msgspec

from tests.bench.observer import Observer
from tests.chaos import set_judge
from tests.chaos.faults import Faults
from tests.chaos.place import Place
from tests.chaos.seen import Seen
from tests.chaos.set_judge import Life, Rolled
from tests.chaos.set_story import SetStory
from tests.chaos.sets import KEPT, MARK, OBJECT, SET_PREFIX
from tests.chaos.story import Story
from tests.e2e.world import APPLICATIONS, DEPLOYMENTS

CONFIRM_EVERY = 3.0
"""Seconds between two confirmations of what waits, at rest."""


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Who controls an object."""

    uid: str = ""


class Metadata(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Of an Application."""

    name: str = ""
    namespace: str = ""
    uid: str = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    owner_references: list[Owner] = []
    deletion_timestamp: str | None = None


class Spec(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Of an Application."""

    revision_history_limit: int | None = None


class Child(msgspec.Struct, frozen=True, kw_only=True):
    """What is observed of an Application."""

    metadata: Metadata
    spec: Spec = Spec()


class DeploymentMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """Of a Deployment."""

    name: str = ""
    namespace: str = ""
    generation: int = 0


class Deployment(msgspec.Struct, frozen=True, kw_only=True):
    """What is observed of a Deployment."""

    metadata: DeploymentMetadata
    spec: dict[str, Any]
    status: dict[str, Any] = {}


class _Lives(Observer[Child]):
    """The lives of all Applications of sets."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.lives: dict[str, Life] = {}

    def _take(self, thing: Child, at: float) -> tuple[str, str]:
        metadata = thing.metadata
        of = metadata.labels.get(MARK)
        if of:
            new = Life(name=metadata.name, uid=metadata.uid, of=of, born=at, kept=[], limits=[])
            life = self.lives.setdefault(metadata.uid, new)
            life.owner = next((owner.uid for owner in metadata.owner_references), life.owner)
            life.kept.append(metadata.annotations.get(KEPT, ""))
            life.limits.append(thing.spec.revision_history_limit)
            if metadata.deletion_timestamp and life.died is None:
                life.died = at
        return super()._take(thing, at)

    def _forget(self, key: tuple[str, str], at: float) -> None:
        gone = self.known.get(key)
        life = self.lives.get(gone.metadata.uid) if gone is not None else None
        if life is not None and life.died is None:
            life.died = at
        super()._forget(key, at)


class _Rollouts(Observer[Deployment]):
    """How the Deployments of sets were, in order."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.rolled: list[Rolled] = []

    def _take(self, thing: Deployment, at: float) -> tuple[str, str]:
        status = thing.status
        counts = {status.get(name) for name in ("replicas", "updatedReplicas", "availableReplicas")}
        is_done = status.get("observedGeneration") == thing.metadata.generation and counts == {1}
        self._note(thing, at, is_done=is_done)
        return super()._take(thing, at)

    def _forget(self, key: tuple[str, str], at: float) -> None:
        if key in self.known:
            self._note(self.known[key], at, is_done=False)
        super()._forget(key, at)

    def _note(self, thing: Deployment, at: float, *, is_done: bool) -> None:
        namespace = thing.metadata.namespace
        if namespace.startswith(SET_PREFIX) and thing.metadata.name == OBJECT:
            content = str(thing.spec["template"]["metadata"].get("annotations", {}).get("state", ""))
            folder = namespace.removeprefix(SET_PREFIX).partition("-")[2]
            self.rolled.append(Rolled(at=at, folder=folder, content=content, is_done=is_done))


class SetSeen:
    """Watches, and judges. Use `async with`."""

    def __init__(self, place: Place, story: Story, sets: SetStory, seen: Seen) -> None:
        self._place, self._story, self._sets, self._seen = place, story, sets, seen
        self._lives = _Lives(place.client, APPLICATIONS, Child)
        self._rollouts = _Rollouts(place.client, DEPLOYMENTS, Deployment)
        self._confirmed = 0.0
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self._lives)
        await self._stack.enter_async_context(self._rollouts)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()

    async def look(self, apps: list[dict[str, Any]]) -> list[str]:
        """What is not at rest; what waits to be confirmed is."""
        found = []
        for one in self._sets.sets.values():
            found += set_judge.unfinished_set(
                one,
                self._sets.folders(one),
                self._sets.wanted(one),
                apps,
                self._seen.deployed(),
                ever=self._sets.ever,
                edition=self._sets.editions[one.name],
            )
            found += set_judge.unsettled(await self._sets.document(one))
        if found and time.monotonic() - self._confirmed > CONFIRM_EVERY:
            self._confirmed = time.monotonic()
            await self._sets.confirm_all()
        return found

    def violations(self, faults: Faults, *, within: float) -> list[str]:
        """I13 and I15 to I17, of all that was recorded."""
        lives, writes = list(self._lives.lives.values()), list(self._place.recording.effects())
        found = set_judge.overwritten(lives, self._sets.kept)
        for one in self._sets.sets.values():
            history = self._story.histories[one.repo]
            found += set_judge.wrong_deletions(
                one,
                history,
                lives,
                renewals=self._sets.renewals,
                ended=self._sets.ended,
                vanished=self._sets.vanished,
            )
            if one.kind == "rolling":
                found += set_judge.early_steps(one, history, writes, self._rollouts.rolled, lives)
        return found + set_judge.two_writers_of_sets(writes, faults.kills, within=within)

    def evidence(self) -> dict[str, object]:
        """For whoever looks into a violation."""
        return {
            "lives": list(self._lives.lives.values()),
            "rolled": self._rollouts.rolled,
            "kept": self._sets.kept,
            "renewals": self._sets.renewals,
            "ended": self._sets.ended,
            "vanished": self._sets.vanished,
        }

    async def taken_down(self) -> list[str]:
        """Delete every set: what it deployed goes with it, or stays where it says so."""
        found = []
        expected = {
            f"{SET_PREFIX}{name}"
            for name in self._sets.ever
            if f"{SET_PREFIX}{name}" in self._seen.deployed()
        }
        for one in self._sets.sets.values():
            try:
                await self._sets.delete(one)
            except TimeoutError:
                found.append(f"I12: set {one.name} could not be deleted")
        left = await self._gone()
        found += [f"I12: {name} is left of a set that is gone" for name in sorted(left)]
        found += [
            f"I13: what was in {name} is gone" for name in sorted(expected - self._seen.deployed().keys())
        ]
        return found

    async def _gone(self) -> set[str]:
        """Wait for what goes along; what does not."""
        deleting = {one.name for one in self._sets.sets.values() if one.deletes}
        ends, left = time.monotonic() + set_judge.LAG, {""}
        while left and time.monotonic() < ends:
            await asyncio.sleep(0.2)
            left = {
                child.metadata.name
                for child in self._lives.known.values()
                if child.metadata.labels.get(MARK) in deleting
            }
            left |= {
                name
                for name in self._seen.deployed()
                if name.removeprefix(SET_PREFIX).partition("-")[0] in deleting
            }
        return left
