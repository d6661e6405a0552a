"""From a wish and its commits to rendered sets in the cache, rendering as little as possible.

Invariant: what is returned can be had under its digest, and is what these commits say: rendered now, or
remembered with proof that nothing it read has changed since. Of strangers' text nothing is remembered.
"""

import asyncio
from typing import NamedTuple

import msgspec
import structlog

from fairlead.cache import SingleFlight
from fairlead.events import RenderSettings, SchemaError, SourcesWanted, decode
from fairlead.events.envelope import encode
from fairlead.git import GitError
from fairlead.render import (
    Lane,
    RenderError,
    RenderInvalidError,
    RenderKilledError,
    RenderPool,
    RenderTransientError,
)
from fairlead.repo_server.rendering.after_build import Finishing
from fairlead.repo_server.rendering.attempt import Asked, Attempts
from fairlead.repo_server.rendering.capabilities import Serving
from fairlead.repo_server.rendering.chosen_kustomize import ChosenKustomize
from fairlead.repo_server.rendering.failures import Failures
from fairlead.repo_server.rendering.in_force import SettingsInForce
from fairlead.repo_server.rendering.integrity import Integrity, UnverifiedError
from fairlead.repo_server.rendering.located import Located, SourceAt
from fairlead.repo_server.rendering.memory import Memory
from fairlead.repo_server.rendering.reads import folder, read_of, spelled
from fairlead.repo_server.rendering.records import Record, Records
from fairlead.repo_server.rendering.sets import Sets
from fairlead.repo_server.rendering.sidecars import Asking, Sidecars
from fairlead.repo_server.rendering.wish import InvalidWishError, renders
from fairlead.repo_server.supplying.supply import Supplier
from fairlead.rpc import RenderedSet

log = structlog.get_logger(__name__)

UNKNOWN = "what the destination cluster serves is not known yet"
ASIDE = "+aside"
"""Behind a record's name: what was rendered last of commits that are not deployed."""
LARGE_SET = 1 << 20
"""Bytes from which encoding and digesting a set leaves the event loop."""


class Produced(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome for a wish: the set's digest, and per source its tool and the paths read in it.

    `fresh` says whether anything was rendered; `settings` are those that it is bound to.
    """

    digest: str
    source_types: tuple[str, ...]
    read: tuple[tuple[str, ...], ...]
    fresh: bool
    settings: RenderSettings


class Names(NamedTuple):
    """What a source's record goes by, whatever the commit and the cluster, and this very render."""

    record: str
    render: str


class SourceError(Exception):
    """One source could not be rendered. `place` counts from 0.

    `read` has the paths on which the failure depends, by ref name, "" for the source's own repository.
    """

    def __init__(self, place: int, error: Exception, read: dict[str, tuple[str, ...]] | None) -> None:
        super().__init__(str(error))
        self.place = place
        self.error = error
        self.read = read


class Renderer:
    """Renders sources, remembers what it did, and joins the sources of an application."""

    def __init__(
        self,
        pool: RenderPool,
        sets: Sets,
        records: Records,
        failures: Failures,
        *,
        serving: Serving,
        settings: SettingsInForce,
        integrity: Integrity,
        supplier: Supplier | None = None,
        sidecars: Sidecars | None = None,
        chosen: ChosenKustomize | None = None,
        finishing: Finishing | None = None,
    ) -> None:
        self.memory = Memory(pool, records, serving, settings)
        self._attempts = Attempts(pool, supplier or Supplier(pool), sidecars, chosen, finishing)
        self._integrity = integrity
        self._settings = settings
        self._sets = sets
        self._failures = failures
        self._flights: SingleFlight[tuple[Record, bool]] = SingleFlight()
        self._alone: SingleFlight[Record] = SingleFlight()
        self._first: dict[str, asyncio.Event] = {}

    async def produce(self, wish: SourcesWanted, located: list[Located], asked: Asked) -> Produced:
        """The rendered set of a wish at these commits. A set that the cache lost is rendered anew.

        Raises:
            SourceError: with the cause of the first source that failed.
        """
        sources = [SourceAt(wish, place, located) for place in range(len(located))]
        await self._verify(sources)
        if not await self.memory.knows(sources[0]):
            raise SourceError(0, RenderTransientError(UNKNOWN), None)
        records: dict[int, Record] = {}
        fresh, settings = False, self._settings.current
        for place, at in enumerate(sources):
            if renders(at.source):
                records[place], rendered = await self._source(at, asked)
                fresh = fresh or rendered
        try:
            digest = await self._joined([record.digest for record in records.values()])
        except LookupError:
            if asked.anew:
                raise SourceError(0, RenderTransientError("the rendered manifests were lost"), None) from None
            return await self.produce(wish, located, msgspec.structs.replace(asked, anew=True))
        return Produced(
            digest=digest,
            source_types=tuple(records[p].source_type if p in records else "" for p in range(len(located))),
            read=tuple(read_of(wish, place, records) for place in range(len(located))),
            fresh=fresh,
            settings=settings,
        )

    @property
    def disabled(self) -> tuple[str, ...]:
        """The tools that are switched off."""
        return self._settings.current.disabled_tools

    def forget_elsewhere(self) -> None:
        """Other credentials are known: end the pauses of renders that lacked something from elsewhere."""
        self._failures.forget_elsewhere()

    def is_bound(self, produced: Produced) -> bool:
        """Whether an outcome is bound to the settings in force, none of which changed since it was begun."""
        return produced.settings is self._settings.current

    async def asking(self, at: SourceAt, lane: Lane) -> Asking:
        """A source as plugins are asked about it, which run what is in it. Raises SourceError unless it is
        signed as its project demands, RenderError, GitError."""
        await self._verify([at])
        if not await self.memory.knows(at):
            raise RenderTransientError(UNKNOWN)
        request, _ = await self._attempts.overridden(at, self.memory.facts(at), lane)
        return at.asking(request)

    async def _verify(self, sources: list[SourceAt]) -> None:
        """Raises SourceError unless all is signed as the project demands."""
        problems: dict[int, tuple[str, ...]] = {}
        for place, at in enumerate(sources):
            demanded = at.source.signatures
            if demanded is None:
                continue
            if demanded.problem:
                raise SourceError(place, InvalidWishError(demanded.problem), None)
            try:
                found = await self._integrity.problems(demanded, at.repository, at.here.resolved)
            except (RenderError, GitError) as error:
                raise SourceError(place, error, None) from error
            if found:
                problems[place] = found
        if problems:
            words = tuple(problem for some in problems.values() for problem in some)
            raise SourceError(next(iter(problems)), UnverifiedError(words), None)

    async def _source(self, at: SourceAt, asked: Asked) -> tuple[Record, bool]:
        name = self.memory.name(at)
        try:
            at.require_one_revision(at.source.options)
            if asked.of_strangers:
                return await self._strange(name, at, asked), True
            if asked.anew:
                await self.memory.forget(name)
            kept = name
            record = await self.memory.remembered(at, name)
            if record is None and asked.is_aside:
                kept = f"{name}{ASIDE}"
                record = await self.memory.remembered(at, kept)
            if record is not None and await self._sets.has(record.digest):
                self.memory.offer(kept, record, at)
                return record, False
            names = Names(record=kept, render=self.memory.key(name, at))
            if asked.hard:
                self._failures.forget(names.render)
            return await self._flights.run(
                f"{asked.lane.value}:{names.record}:{names.render}",
                lambda: self._shared(names, at, asked),
            )
        except (RenderError, InvalidWishError, GitError) as error:
            raise SourceError(at.place, error, await self._depends(name, at, error)) from error

    async def _shared(self, names: Names, at: SourceAt, asked: Asked) -> tuple[Record, bool]:
        """One of a project's applications that want a path at once renders first: all may want one thing.

        What a plugin renders is nobody else's, and nobody waits for one that hangs.
        """
        if asked.anew or "plugin" in at.source.options:
            return await self._render(names, at, asked)
        place = f"{asked.lane.value}:{at.wish.project}:{self.memory.place(at)}"
        if place in self._first:
            await self._first[place].wait()
        record = await self.memory.alike(at)
        if record is not None and await self._sets.has(record.digest):
            await self.memory.adopt(names.record, record)
            log.debug("source.shared", app=at.wish.instance, commit=at.here.commit)
            return record, False
        if place in self._first:
            return await self._render(names, at, asked)
        ended = self._first[place] = asyncio.Event()
        try:
            return await self._render(names, at, asked)
        finally:
            del self._first[place]
            ended.set()

    async def _strange(self, name: str, at: SourceAt, asked: Asked) -> Record:
        """What strangers wrote, whatever is remembered of the same text: a record, or the words of a failure,
        may hold what our credentials read for it."""

        async def made() -> Record:
            record, packed = await self._made(at, asked)
            await self._sets.put(record.digest, packed)
            return record

        return await self._alone.run(f"{asked.lane.value}:{self.memory.key(name, at)}", made)

    async def _render(self, names: Names, at: SourceAt, asked: Asked) -> tuple[Record, bool]:
        paused = self._failures.paused(names.render)
        if paused is not None:
            raise paused
        try:
            record, packed = await self._made(at, asked)
        except RenderInvalidError as error:
            self._failures.failed(names.render, error)
            raise
        self._failures.forget(names.render)
        await self._sets.put(record.digest, packed, self.memory.stored(names.record, record))
        self.memory.keep(names.record, record)
        self.memory.offer(names.record, record, at)
        return record, True

    async def _made(self, at: SourceAt, asked: Asked) -> tuple[Record, bytes]:
        """A render, and its set as it is to be stored. Raises RenderError, InvalidWishError, GitError."""
        done = await self._attempts.made(at, self.memory.facts(at), asked)
        commit, result = at.here.commit, done.result
        log.debug("source.rendered", app=at.wish.instance, commit=commit, documents=len(result.documents))
        for warning in result.warnings:
            log.warning("source.doubtful", app=at.wish.instance, commit=commit, warning=warning)
        digest, packed = await _packed(RenderedSet(documents=tuple(result.documents)))
        return await self.memory.record(at, done, digest), packed

    async def _depends(self, name: str, at: SourceAt, error: Exception) -> dict[str, tuple[str, ...]] | None:
        """The paths, by ref name, whose change may cure a failure; None when nothing is known of them.

        A render that was killed could not say: then it is its folder, and what it read when it last worked.
        """
        if not isinstance(error, RenderInvalidError):
            return None
        read: dict[str, set[str]] = {"": set()}
        for entry in error.reads:
            read.setdefault(entry.ref, set()).add(spelled(entry))
        if isinstance(error, RenderKilledError):
            before = await self.memory.last(name)
            if before is None and len(at.wish.sources) > 1:
                return None
            read[""].add(folder(at.source.path))
            for ref, reading in before.readings.items() if before else ():
                read.setdefault(ref, set()).update(reading.paths)
        return {ref: tuple(paths) for ref, paths in read.items()} if read[""] else None

    async def _joined(self, digests: list[str]) -> str:
        """One set of the sources' sets, in their order. Raises LookupError when one was lost meanwhile."""
        if len(digests) == 1:
            return digests[0]
        documents: list[bytes] = []
        for stored in await self._sets.get_many(digests):
            if stored is None:
                raise LookupError
            try:
                documents += decode(RenderedSet, stored).documents
            except SchemaError as error:
                raise LookupError from error
        digest, packed = await _packed(RenderedSet(documents=tuple(documents)))
        await self._sets.put(digest, packed)
        return digest


async def _packed(rendered: RenderedSet) -> tuple[str, bytes]:
    if sum(map(len, rendered.documents)) < LARGE_SET:
        return rendered.digest, encode(rendered)
    return await asyncio.to_thread(lambda: (rendered.digest, encode(rendered)))
