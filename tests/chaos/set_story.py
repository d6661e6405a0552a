"""What people do to ApplicationSets: folders come and go, specs are edited, sets deleted and made anew."""

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
import structlog

from fairlead.kube.errors import KubeError, NotFoundError
from fairlead.local.errors import GitCommandError
from fairlead.model.times import stamp
from fairlead.sync.let_go import APPROVED
from tests.chaos.sets import KEPT, SHARED, Set
from tests.chaos.story import Story
from tests.chaos.workload import CONTROL
from tests.e2e.world import APPLICATIONS, _resource

log = structlog.get_logger(__name__)

APPLICATION_SETS = _resource("argoproj.io", "v1alpha1", "ApplicationSet", "applicationsets")
HELD = "DeletionHeld"
WEIGHTS: Mapping[str, int] = {
    "folders": 40,
    "elements": 8,
    "edition": 6,
    "keep": 10,
    "end_child": 3,
    "renew": 3,
    "vanish": 3,
    "confirm": 8,
    "refresh": 4,
}
GONE_SECONDS = 180.0


class Vanished(msgspec.Struct, frozen=True, kw_only=True):
    """All folders of a guarded set were gone from when until when; these were there before."""

    name: str
    folders: tuple[str, ...]
    since: float
    until: float


class SetStory:
    """Changes sets and their folders; every choice comes from its seed."""

    def __init__(self, story: Story, sets: list[Set], chance: random.Random) -> None:
        self.sets = {one.name: one for one in sets}
        self.elements = {one.name: list(one.pool[: one.first]) for one in sets if not one.deletes}
        self.ever: set[str] = set()
        """Applications that sets which never delete have ever generated."""
        self.editions = dict.fromkeys(self.sets, 0)
        self.kept: dict[str, list[int]] = {}
        """What people wrote to be kept, by Application, in order."""
        self.renewals: dict[str, float] = {}
        """When the sets with these uids were deleted."""
        self.ended: dict[str, float] = {}
        """When people deleted Applications with these uids."""
        self.vanished: list[Vanished] = []
        self.done: Counter[str] = Counter()
        self._story = story
        self._client = story.place.client
        self._chance = chance
        self._numbers = 0

    async def begin(self) -> None:
        """The sets; their folders are in Git already."""
        for one in self.sets.values():
            await self._create(one)

    async def run(self, seconds: float, *, pause: float) -> None:
        """One deed after another until the time is over."""
        deeds: dict[str, Callable[[], Awaitable[None]]] = {
            name: getattr(self, f"_{name}") for name in WEIGHTS
        }
        ends = time.monotonic() + seconds
        while self.sets and time.monotonic() < ends:
            name = self._chance.choices(tuple(WEIGHTS), tuple(WEIGHTS.values()))[0]
            try:
                await deeds[name]()
                self.done[name] += 1
            except (KubeError, GitCommandError) as error:
                log.debug("chaos.deed.failed", deed=name, error=str(error)[:200])
            await asyncio.sleep(self._chance.uniform(0, 2 * pause))

    def folders(self, one: Set) -> dict[str, str]:
        """As they are wanted now."""
        return dict(self._story.histories[one.repo].last.folders.get(one.name, {}))

    def wanted(self, one: Set) -> dict[str, str]:
        """The Applications that a set generates now, and the folder of each."""
        return one.children(self.folders(one), self.elements.get(one.name, ()))

    async def document(self, one: Set) -> dict[str, Any]:
        """A set as it is."""
        found: dict[str, Any] = msgspec.json.decode(
            await self._client.get(APPLICATION_SETS, one.name, CONTROL)
        )
        return found

    async def confirm_all(self) -> None:
        """As a person who reads what waits, and wants all of it to go."""
        for one in self.sets.values():
            raw = await self._client.find(APPLICATION_SETS, one.name, CONTROL)
            conditions = (
                msgspec.json.decode(raw).get("status", {}).get("conditions") or () if raw is not None else ()
            )
            if any(item["type"] == HELD for item in conditions):
                await self._annotate(one, {APPROVED: stamp()})

    async def change(self, one: Set, folders: Mapping[str, str]) -> None:
        """Push these folders of a set."""
        await self._story.push_folders(one.repo, {one.name: dict(folders)})

    async def delete(self, one: Set) -> None:
        """Delete a set, and wait until it is gone."""
        raw = await self._client.find(APPLICATION_SETS, one.name, CONTROL)
        if raw is None:
            return
        self.renewals[msgspec.json.decode(raw)["metadata"]["uid"]] = time.monotonic()
        with contextlib.suppress(NotFoundError):
            await self._client.delete(APPLICATION_SETS, one.name, CONTROL)
        async with asyncio.timeout(GONE_SECONDS):
            while await self._client.find(APPLICATION_SETS, one.name, CONTROL) is not None:
                await asyncio.sleep(0.2)

    def number(self) -> str:
        """One that was not there before."""
        self._numbers += 1
        return str(self._numbers)

    async def _folders(self) -> None:
        """Add, change and remove a few, or some of each."""
        one = self._some()
        if not one.deletes:
            await self.change(one, {SHARED: self.number()})
            return
        folders, number = self.folders(one), self.number()
        for _ in range(self._chance.choice((1, 1, 1, 2, 3))):
            folder = self._chance.choice(one.pool)
            if folder in folders and self._chance.random() < 0.5:
                del folders[folder]
            else:
                folders[folder] = number
        await self.change(one, folders)

    async def _elements(self) -> None:
        one = self._some("listed")
        self.elements[one.name] = self._chance.sample(one.pool, self._chance.randint(1, len(one.pool)))
        await self._edit(one)

    async def _edition(self) -> None:
        await self.give_edition(self._some())

    async def give_edition(self, one: Set) -> None:
        """Edit a set so that all its Applications change."""
        self.editions[one.name] += 1
        await self._edit(one)

    async def _keep(self) -> None:
        """What a set is to leave alone: an annotation that it preserves, a field that it ignores."""
        name = self._chance.choice(sorted(self.wanted(self._some("listed"))))
        number = int(self.number())
        patch = {
            "metadata": {"annotations": {KEPT: str(number)}},
            "spec": {"revisionHistoryLimit": number},
        }
        self.kept.setdefault(name, []).append(number)
        try:
            await self._client.merge_patch(APPLICATIONS, name, patch, CONTROL)
        except KubeError:
            self.kept[name].pop()
            raise

    async def _end_child(self) -> None:
        """Somebody deletes an Application that its set wants: it is made anew."""
        one = self._some("dirs", "rolling")
        names = sorted(self.wanted(one))
        if names:
            name = self._chance.choice(names)
            uid = msgspec.json.decode(await self._client.get(APPLICATIONS, name, CONTROL))["metadata"]["uid"]
            self.ended[uid] = time.monotonic()
            await self._client.delete(APPLICATIONS, name, CONTROL)

    async def _renew(self) -> None:
        """Delete a set and make it anew, sometimes while its Applications are still going."""
        one = self._some()
        await self.delete(one)
        await asyncio.sleep(self._chance.choice((0, 0, 1, 5)))
        await self._create(one)

    async def _vanish(self) -> None:
        """All folders are gone for a while; nobody confirms that their Applications should go."""
        one = self._some("dirs")
        before = self.folders(one)
        if len(before) < 2:
            return
        since = time.monotonic()
        await self.change(one, {})
        await asyncio.sleep(self._chance.uniform(1, 15))
        until = time.monotonic()
        await self.change(one, before)
        self.vanished.append(Vanished(name=one.name, folders=tuple(before), since=since, until=until))

    async def _confirm(self) -> None:
        await self.confirm_all()

    async def _refresh(self) -> None:
        await self._annotate(self._some(), {"argocd.argoproj.io/application-set-refresh": "true"})

    async def _create(self, one: Set) -> None:
        self._note_ever(one)
        with contextlib.suppress(NotFoundError):
            await self._client.create(APPLICATION_SETS, self._manifest(one), CONTROL)

    async def _edit(self, one: Set) -> None:
        """Apply the manifest anew, as kubectl would."""
        manifest = self._manifest(one)
        self._note_ever(one)
        await self._client.merge_patch(APPLICATION_SETS, one.name, {"spec": manifest["spec"]}, CONTROL)

    async def _annotate(self, one: Set, annotations: Mapping[str, str]) -> None:
        patch = {"metadata": {"annotations": dict(annotations)}}
        with contextlib.suppress(NotFoundError):
            await self._client.merge_patch(APPLICATION_SETS, one.name, patch, CONTROL)

    def _manifest(self, one: Set) -> dict[str, object]:
        url = self._story.place.git.repo_url(one.repo)
        return one.manifest(url, elements=self.elements.get(one.name, ()), edition=self.editions[one.name])

    def _note_ever(self, one: Set) -> None:
        if not one.deletes:
            self.ever |= set(self.wanted(one))

    def _some(self, *kinds: str) -> Set:
        return self._chance.choice([one for one in self.sets.values() if not kinds or one.kind in kinds])
