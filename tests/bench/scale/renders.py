"""A repo-server in small: an application's manifests are what its objects in its played cluster say.

Why: measured is the controller. Invariant: answers go the way the real ones go, and each request is counted.
"""

import asyncio
import hashlib
from functools import reduce
from operator import xor
from typing import Any

import msgspec

from fairlead.bus import Bus, Message
from fairlead.bus.topology import HISTORIES_BUCKET, SOURCES_BUCKET, repo_renders
from fairlead.cache import Cache, keys
from fairlead.events import (
    Cause,
    Look,
    ManifestsRendered,
    RenderRequested,
    RevisionMoved,
    SourcesWanted,
    Trace,
    subjects,
    trace,
)
from fairlead.events.envelope import decode, encode
from fairlead.events.ref_history import RefHistory
from fairlead.matching.repository import identity
from fairlead.rpc import LookAtRepository, LookedAtRepository, RenderedSet, beliefs
from fairlead.rpc.beliefs import CompareBeliefs, ComparedBeliefs
from fairlead.rpc.repo import LOOK
from tests.fakes.clusters.population import Population, wanted

REPOSITORY = "https://git.example/fleet/config.git"
EPOCH = "bench"
AT_ONCE = 32
Documents = list[dict[str, Any]]


class Renders:
    """`requested` counts what was asked for."""

    def __init__(self, bus: Bus, cache: Cache, population: Population) -> None:
        self.requested = 0
        self._bus = bus
        self._cache = cache
        self._population = population
        self._wishes = bus.key_value(SOURCES_BUCKET)
        self._heard: dict[str, SourcesWanted] = {}
        self._looks = 1
        self._history = RefHistory(repository=identity(REPOSITORY), ref="").moved("", self.revision, ())
        self.own: dict[str, Documents] = {}
        """What applications want that is other than what their objects say."""

    @property
    def revision(self) -> str:
        """The commit at the head."""
        return hashlib.sha1(str(self._looks).encode(), usedforsecurity=False).hexdigest()

    async def run(self) -> None:
        """Answer until cancelled."""
        await self._bus.serve(subjects.rpc_repo("*", LOOK), self._look)
        await self._bus.serve(subjects.rpc_repo("*", beliefs.COMPARE), self._compare)
        async with asyncio.TaskGroup() as group:
            for part in subjects.PARTITIONS:
                group.create_task(self._bus.consume(repo_renders(part), self._request, concurrency=AT_ONCE))

    async def commit(self, name: str, value: str) -> str:
        """A commit that changes one application's ConfigMap, and touches no other; the commit."""
        old = self.revision
        self._looks += 1
        documents = self._documents(name)
        documents[-1]["data"]["flags"] = value
        self.own[name] = documents
        wish = self._heard[name]
        self._history = self._history.moved(old, self.revision, ((wish.namespace, wish.name),))
        key = subjects.ref_history(self._history.repository, self._history.ref)
        await self._bus.key_value(HISTORIES_BUCKET).put(key, encode(self._history))
        moved = RevisionMoved(
            repository=identity(REPOSITORY),
            ref="HEAD",
            old=old,
            new=self.revision,
            affected=((wish.namespace, wish.name),),
        )
        with trace.following(Trace.start()):
            await self._answer(wish, Cause.WEBHOOK, level=2)
            await self._bus.publish(subjects.revision_moved(wish.shard, identity(REPOSITORY)), moved)
        return self.revision

    async def _request(self, message: Message) -> None:
        request = message.event(RenderRequested)
        self.requested += 1
        entry = await self._wishes.get(subjects.app_tokens(request.namespace, request.name))
        if entry is None or entry.value is None:
            return
        wish = self._heard[request.name] = decode(SourcesWanted, entry.value)
        await self._answer(wish, request.cause, level=int(request.level), question=request.question)

    async def _answer(self, wish: SourcesWanted, cause: Cause, *, level: int, question: int = 0) -> None:
        documents = self._documents(wish.name)
        rendered = RenderedSet(
            documents=tuple(msgspec.json.encode(item, order="deterministic") for item in documents)
        )
        await self._cache.put(keys.manifests(rendered.digest), encode(rendered))
        event = ManifestsRendered(
            namespace=wish.namespace,
            name=wish.name,
            digest=rendered.digest,
            revisions=(self.revision,),
            source_types=("Directory",),
            sources_digest=wish.digest,
            cause=cause,
            level=level,
            looks=(Look(epoch=EPOCH, number=self._looks),),
            question=question,
        )
        await self._bus.publish(subjects.manifests_rendered(wish.shard, wish.namespace, wish.name), event)

    def _documents(self, name: str) -> Documents:
        known = self.own.get(name)
        if known is not None:
            return known
        cluster, number = name.removeprefix("c").split("-a")
        return wanted(self._population, int(cluster), int(number))

    async def _compare(self, _: str, payload: bytes) -> bytes:
        """Everything that is at the head, or was answered since, is stood behind."""
        asked = decode(CompareBeliefs, payload)
        ours = {
            beliefs.fingerprint(wish.namespace, wish.name, wish.digest, (self.revision,), "")
            for wish in self._heard.values()
        }
        known = reduce(xor, ours, 0)
        differing = tuple(one.repository for one in asked.repositories if one.digest != known)
        unknown = [
            belief
            for one in asked.repositories
            for belief in beliefs.unpacked(one.beliefs)
            if belief not in ours
        ]
        return encode(ComparedBeliefs(differing=differing, unknown=beliefs.packed(unknown)))

    async def _look(self, _: str, payload: bytes) -> bytes:
        decode(LookAtRepository, payload)
        return encode(LookedAtRepository(look=Look(epoch=EPOCH, number=self._looks), settled=self._looks))
