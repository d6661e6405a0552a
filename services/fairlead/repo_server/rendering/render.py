"""From a wish and its commits to rendered sets in the cache, rendering as little as possible.

Invariant: what is returned can be had under its digest, and is what these commits say: rendered now, or
remembered with proof that nothing it read has changed since.
"""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple

import msgspec
import structlog

from fairlead.cache import SingleFlight
from fairlead.events import Capabilities, Look, RenderSettings, SchemaError, SourcesWanted, decode
from fairlead.events.envelope import encode
from fairlead.git import GitError, MirrorCorruptError
from fairlead.git.changes import Changes, changes_between
from fairlead.git.revisions import Resolved
from fairlead.matching.repository import without_password
from fairlead.render import (
    EngineFailureError,
    Lane,
    ReadEntry,
    RefSource,
    RenderError,
    RenderInvalidError,
    RenderKilledError,
    RenderPool,
    RenderRequest,
    RenderResult,
    RenderTransientError,
)
from fairlead.repo_server.counts import PENDING, shown
from fairlead.repo_server.remotes.repository import Repository
from fairlead.repo_server.rendering import overrides
from fairlead.repo_server.rendering.after_build import Finishing
from fairlead.repo_server.rendering.capabilities import Serving
from fairlead.repo_server.rendering.chosen_kustomize import ChosenKustomize
from fairlead.repo_server.rendering.failures import Failures
from fairlead.repo_server.rendering.in_force import SettingsInForce
from fairlead.repo_server.rendering.integrity import Integrity, UnverifiedError
from fairlead.repo_server.rendering.reads import folder, is_alike, read_of, readings, spelled
from fairlead.repo_server.rendering.records import Reading, Record, Records
from fairlead.repo_server.rendering.sets import Sets
from fairlead.repo_server.rendering.sidecars import Asking, Sidecars
from fairlead.repo_server.rendering.wish import (
    InvalidWishError,
    asker_of,
    name_of,
    renders,
    request_of,
    used_refs,
)
from fairlead.repo_server.supplying.provider import Asker
from fairlead.repo_server.supplying.supply import Supplier
from fairlead.rpc import RenderedSet

log = structlog.get_logger(__name__)

MEMORABLE_CHANGES = 64
"""Comparisons of two commits that are remembered."""
LARGE_SET = 1 << 20
"""Bytes from which encoding and digesting a set leaves the event loop."""


class Located(msgspec.Struct, frozen=True, kw_only=True):
    """A source's repository, the commit its revision means, and the look at the remote that says so."""

    repository: Repository
    resolved: Resolved
    look: Look

    @property
    def commit(self) -> str:
        """The commit."""
        return self.resolved.commit

    @property
    def revision(self) -> str:
        """What people are told of it."""
        return self.resolved.revision


class Produced(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome for a wish: the set's digest, and per source its tool and the paths read in it.

    `fresh` says whether anything was rendered; `settings` are those that it is bound to.
    """

    digest: str
    source_types: tuple[str, ...]
    read: tuple[tuple[str, ...], ...]
    fresh: bool
    settings: RenderSettings


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """How a render is wanted: `anew` uses no record, `hard` ends pauses too; `lane` is whom it may delay."""

    anew: bool = False
    hard: bool = False
    lane: Lane = Lane.DEPLOYMENT


class Done(NamedTuple):
    """A render that was made: the request as it was in the end, what was read for it beside what the engine
    read, and the addresses that were opened for it with credentials."""

    request: RenderRequest
    result: RenderResult
    extra: tuple[ReadEntry, ...]
    opened: tuple[str, ...]


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
        self._finishing = finishing
        self._pool = pool
        self._integrity = integrity
        self._supplier = supplier or Supplier(pool)
        self._sidecars = sidecars
        self._chosen = chosen
        self._serving = serving
        self._settings = settings
        self._sets = sets
        self._records = records
        self._failures = failures
        self._flights: SingleFlight[tuple[Record, bool]] = SingleFlight()
        self._changes: dict[tuple[str, str, str], Changes] = {}

    async def produce(self, wish: SourcesWanted, located: list[Located], asked: Asked) -> Produced:
        """The rendered set of a wish at these commits. A set that the cache lost is rendered anew.

        Raises:
            SourceError: with the cause of the first source that failed.
        """
        await self._verify(wish, located)
        if not await self._serving.learn(wish):
            unknown = RenderTransientError("what the destination cluster serves is not known yet")
            raise SourceError(0, unknown, None)
        records: dict[int, Record] = {}
        fresh, settings = False, self._settings.current
        for place, source in enumerate(wish.sources):
            if renders(source):
                records[place], rendered = await self._source(wish, place, located, asked)
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

    def is_bound(self, produced: Produced) -> bool:
        """Whether an outcome is bound to the settings in force, none of which changed since it was begun."""
        return produced.settings is self._settings.current

    async def _verify(self, wish: SourcesWanted, located: list[Located]) -> None:
        """Raises SourceError unless all is signed as the project demands."""
        problems: dict[int, tuple[str, ...]] = {}
        for place, source in enumerate(wish.sources):
            demanded = source.signatures
            if demanded is None:
                continue
            if demanded.problem:
                raise SourceError(place, InvalidWishError(demanded.problem), None)
            here = located[place]
            try:
                found = await self._integrity.problems(demanded, here.repository, here.resolved)
            except (RenderError, GitError) as error:
                raise SourceError(place, error, None) from error
            if found:
                problems[place] = found
        if problems:
            words = tuple(problem for some in problems.values() for problem in some)
            raise SourceError(next(iter(problems)), UnverifiedError(words), None)

    def name(self, wish: SourcesWanted, place: int, located: list[Located]) -> str:
        """The name of a source's record."""
        request = self._request(wish, place, located, Capabilities())
        after = wish.after_build.digest if wish.after_build is not None else ""
        told = "\n".join(filter(None, (wish.instance, wish.manifest_generate_paths, after)))
        return name_of(request, located[place].repository, told, self._pool.engine_version)

    async def load(self, names: list[str]) -> None:
        """Bring records into memory."""
        await self._records.load(names)

    async def remembered(self, wish: SourcesWanted, place: int, located: list[Located]) -> Record | None:
        """The record of a source, if it holds at these commits."""
        record = await self._records.get(self.name(wish, place, located))
        if not await self._serving.learn(wish):
            return None
        request = self._request(wish, place, located)
        if record is None or record.options != request.options_digest(record.source_type):
            return None
        if record.opened and not all(map(self._asker(wish, place, located).permits, record.opened)):
            return None
        return record if await self._holds(record, _commits(wish, place, located)) else None

    async def _source(
        self, wish: SourcesWanted, place: int, located: list[Located], asked: Asked
    ) -> tuple[Record, bool]:
        name = self.name(wish, place, located)
        names = Names(record=name, render=self._key(name, wish, place, located))
        try:
            if len(located) > 1:
                _require_one_revision(wish, place, wish.sources[place].options, located)
            if asked.anew:
                await self._records.forget(name)
            record = await self.remembered(wish, place, located)
            if record is not None and await self._sets.has(record.digest):
                return record, False
            if asked.hard:
                self._failures.forget(names.render)
            return await self._flights.run(
                f"{asked.lane.value}:{names.render}",
                lambda: self._render(names, wish, place, located, asked),
            )
        except (RenderError, InvalidWishError, GitError) as error:
            raise SourceError(place, error, await self._depends(name, wish, place, error)) from error

    def _key(self, name: str, wish: SourcesWanted, place: int, located: list[Located]) -> str:
        """Names a render by all that it depends on, the cluster's version and kinds included."""
        commits = ",".join(found.commit for found in located)
        return f"{name}@{commits}@{self._request(wish, place, located).options_digest()}@{wish.project}"

    async def _depends(
        self, name: str, wish: SourcesWanted, place: int, error: Exception
    ) -> dict[str, tuple[str, ...]] | None:
        """The paths, by ref name, whose change may cure a failure; None when nothing is known of them.

        A render that was killed could not say: then it is its folder, and what it read when it last worked.
        """
        if not isinstance(error, RenderInvalidError):
            return None
        read: dict[str, set[str]] = {"": set()}
        for entry in error.reads:
            read.setdefault(entry.ref, set()).add(spelled(entry))
        if isinstance(error, RenderKilledError):
            before = await self._records.get(name)
            if before is None and len(wish.sources) > 1:
                return None
            read[""].add(folder(wish.sources[place].path))
            for ref, reading in before.readings.items() if before else ():
                read.setdefault(ref, set()).update(reading.paths)
        return {ref: tuple(paths) for ref, paths in read.items()} if read[""] else None

    async def _render(
        self, names: Names, wish: SourcesWanted, place: int, located: list[Located], asked: Asked
    ) -> tuple[Record, bool]:
        paused = self._failures.paused(names.render)
        if paused is not None:
            raise paused
        try:
            done = await self._rendered(wish, place, located, asked)
        except RenderInvalidError as error:
            self._failures.failed(names.render, error)
            raise
        self._failures.forget(names.render)
        commit, result = located[place].commit, done.result
        log.debug("source.rendered", app=wish.instance, commit=commit, documents=len(result.documents))
        for warning in result.warnings:
            log.warning("source.doubtful", app=wish.instance, commit=commit, warning=warning)
        seen = _commits(wish, place, located)
        used = {ref: seen[ref] for ref in ("", *done.request.refs)}
        bound = msgspec.structs.replace(self._request(wish, place, located), settings=done.request.settings)
        options = bound.options_digest(result.source_type)
        found = await readings((*result.reads, *done.extra), used)
        return await self._store(names.record, done, found, options), True

    async def _rendered(self, wish: SourcesWanted, place: int, located: list[Located], asked: Asked) -> Done:
        """A mirror that cannot be read is cloned again, once."""
        repository = located[place].repository
        generation = repository.mirror.generation
        pending = PENDING.labels(shown(wish.sources[place].repo_url))
        try:
            with pending.track_inprogress():
                return await self._attempt(wish, place, located, asked)
        except (EngineFailureError, MirrorCorruptError) as error:
            log.warning("mirror.unreadable", mirror=repository.mirror.name, error=str(error))
            await repository.renew(generation)
            await self._pool.retire()
            return await self._attempt(wish, place, located, asked)

    async def _attempt(self, wish: SourcesWanted, place: int, located: list[Located], asked: Asked) -> Done:
        """What is built, and finished as the wish says."""
        done = await self._built(wish, place, located, asked)
        if self._finishing is None or wish.after_build is None:
            return done
        result = done.result
        documents = await self._finishing.finished(wish.after_build, result.documents, result.reads)
        return done._replace(result=msgspec.structs.replace(result, documents=documents))

    async def _built(self, wish: SourcesWanted, place: int, located: list[Located], asked: Asked) -> Done:
        """What may be another thing tomorrow under the same name holds for this commit alone."""
        request, extra = await self._overridden(wish, place, located, asked.lane)
        if self._sidecars is not None:
            asking = self._asking(wish, place, located, request, is_fresh=asked.hard)
            found = await self._sidecars.rendered(asking, asked.lane)
            extra = (*extra, *found.reads)
            if found.result is not None:
                return Done(request, found.result, extra, found.opened)
        if self._chosen is not None and self._chosen.is_for(request):
            return Done(request, await self._chosen.render(request, asked.lane), extra, ())
        asker = msgspec.structs.replace(self._asker(wish, place, located, request.refs), fresh=asked.hard)
        result, supplied = await self._supplier.render(request, asker, asked.lane)
        if not supplied.is_settled:
            extra = (*extra, ReadEntry(path="", kind="tree"))
        return Done(request, result, extra, supplied.opened)

    async def _overridden(
        self, wish: SourcesWanted, place: int, located: list[Located], lane: Lane
    ) -> tuple[RenderRequest, tuple[ReadEntry, ...]]:
        """Overrides may name files of other sources that the Application itself does not."""
        wanted, mirror = self._request(wish, place, located), located[place].repository.mirror
        wanted, extra = await overrides.applied(wanted, mirror, wish.instance, self._pool, lane)
        if len(located) > 1:
            _require_one_revision(wish, place, wanted.options, located)
        return msgspec.structs.replace(wanted, refs=_refs(wish, wanted.options, located)), extra

    async def asking(self, wish: SourcesWanted, place: int, located: list[Located], lane: Lane) -> Asking:
        """A source as plugins are asked about it. Raises RenderError, GitError."""
        if not await self._serving.learn(wish):
            raise RenderTransientError("what the destination cluster serves is not known yet")
        request, _ = await self._overridden(wish, place, located, lane)
        return self._asking(wish, place, located, request)

    def _asking(
        self,
        wish: SourcesWanted,
        place: int,
        located: list[Located],
        request: RenderRequest,
        *,
        is_fresh: bool = False,
    ) -> Asking:
        """A source as plugins are asked about it."""
        repository = located[place].repository
        return Asking(
            request=request,
            mirror=repository.mirror,
            instance=wish.instance,
            url=repository.fetched_from,
            credential=repository.credential(),
            annotation=wish.manifest_generate_paths,
            is_fresh=is_fresh,
            asker=self._asker(wish, place, located),
        )

    async def _store(self, name: str, done: Done, readings: dict[str, Reading], options: str) -> Record:
        result = done.result
        digest, packed = await _packed(RenderedSet(documents=tuple(result.documents)))
        record = Record(
            digest=digest,
            source_type=result.source_type,
            options=options,
            readings=readings,
            opened=done.opened,
        )
        await self._sets.put(digest, packed, self._records.stored(name, record))
        self._records.keep(name, record)
        return record

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

    async def _holds(self, record: Record, now: dict[str, tuple[Repository, str]]) -> bool:
        """Whether all that a record read is the same at the given commits, by ref name."""
        for ref, reading in record.readings.items():
            repository, commit = now.get(ref, (None, ""))
            if repository is None:
                return False
            if commit != reading.commit and not await is_alike(repository, commit, reading):
                return False
        return True

    async def changes(self, repository: Repository, old: str, new: str) -> Changes:
        """What differs between two commits; everything, when one of them is not in the mirror."""
        key = (repository.mirror.name, old, new)
        if key not in self._changes:
            try:
                found = await changes_between(repository.mirror.objects, old, new)
            except MirrorCorruptError:
                return Changes(None)
            while len(self._changes) >= MEMORABLE_CHANGES:
                del self._changes[next(iter(self._changes))]
            self._changes[key] = found
        return self._changes[key]

    @staticmethod
    def _asker(
        wish: SourcesWanted,
        place: int,
        located: list[Located],
        refs: Mapping[str, RefSource] | None = None,
    ) -> Asker:
        here = located[place]
        return asker_of(wish, wish.sources[place], here.repository.mirror.path.absolute(), here.commit, refs)

    def _request(
        self, wish: SourcesWanted, place: int, located: list[Located], serving: Capabilities | None = None
    ) -> RenderRequest:
        source, here = wish.sources[place], located[place]
        refs = _refs(wish, source.options, located)
        serves = serving or self._serving.of(wish)
        settings = self._settings.current
        return request_of(
            wish, source, here.repository, here.resolved, refs, serving=serves, settings=settings
        )


def _refs(wish: SourcesWanted, options: Mapping[str, object], located: list[Located]) -> dict[str, RefSource]:
    """The other sources that options name."""
    return {
        wish.sources[other].ref: RefSource(
            mirror=located[other].repository.mirror.path.absolute(), commit=located[other].commit
        )
        for other in used_refs(wish, options)
    }


def _require_one_revision(
    wish: SourcesWanted, place: int, options: Mapping[str, object], located: list[Located]
) -> None:
    """Raises InvalidWishError where a render would see one repository at two revisions (contract 2.1)."""
    met: dict[str, int] = {}
    for other in (place, *used_refs(wish, options)):
        first = met.setdefault(located[other].repository.mirror.name, other)
        if located[first].commit != located[other].commit:
            raise InvalidWishError(
                "one repository is referenced at two revisions in one render: "
                f"{without_password(wish.sources[other].repo_url)} at {_at(wish, first, located)} "
                f"and, as ${wish.sources[other].ref}, at {_at(wish, other, located)}"
            )


def _at(wish: SourcesWanted, place: int, located: list[Located]) -> str:
    return f"{wish.sources[place].target_revision or 'HEAD'} ({located[place].revision[:12]})"


def _commits(wish: SourcesWanted, place: int, located: list[Located]) -> dict[str, tuple[Repository, str]]:
    """Repository and commit by ref name, "" for the source's own."""
    found = {s.ref: (here.repository, here.commit) for s, here in zip(wish.sources, located, strict=True)}
    return {**found, "": (located[place].repository, located[place].commit)}


async def _packed(rendered: RenderedSet) -> tuple[str, bytes]:
    if sum(map(len, rendered.documents)) < LARGE_SET:
        return rendered.digest, encode(rendered)
    return await asyncio.to_thread(lambda: (rendered.digest, encode(rendered)))
