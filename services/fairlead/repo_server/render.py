"""From a wish and its commits to rendered sets in the cache, rendering as little as possible.

Invariant: what is returned is in the cache, and is what these commits say: rendered now, or remembered with
proof that nothing it read has changed since.
"""

import asyncio

import msgspec
import structlog

from fairlead.cache import Cache, SingleFlight, keys
from fairlead.events import Look, SchemaError, SourcesWanted, decode
from fairlead.events.envelope import encode
from fairlead.git import GitError, MirrorCorruptError
from fairlead.git.changes import Changes, changes_between
from fairlead.git.revisions import Resolved
from fairlead.render import (
    EngineFailureError,
    ReadEntry,
    RefSource,
    RenderError,
    RenderInvalidError,
    RenderPool,
    RenderRequest,
    RenderResult,
    RenderTransientError,
)
from fairlead.repo_server import overrides
from fairlead.repo_server.failures import Failures
from fairlead.repo_server.mirrors import Repository
from fairlead.repo_server.records import Reading, Record, Records
from fairlead.repo_server.wish import InvalidWishError, name_of, renders, request_of, used_refs
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


class Produced(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome for a wish: the set's digest, and per source its tool and the paths read in it.

    `fresh` says whether anything was rendered.
    """

    digest: str
    source_types: tuple[str, ...]
    read: tuple[tuple[str, ...], ...]
    fresh: bool


class SourceError(Exception):
    """One source could not be rendered. `place` counts from 0, `read` is what the failure depends on."""

    def __init__(self, place: int, error: Exception, read: tuple[str, ...] | None) -> None:
        super().__init__(str(error))
        self.place = place
        self.error = error
        self.read = read


class Renderer:
    """Renders sources, remembers what it did, and joins the sources of an application."""

    def __init__(self, pool: RenderPool, cache: Cache, records: Records, failures: Failures) -> None:
        self._pool = pool
        self._cache = cache
        self._records = records
        self._failures = failures
        self._flights: SingleFlight[tuple[Record, bool]] = SingleFlight()
        self._changes: dict[tuple[str, str, str], Changes] = {}

    async def produce(
        self, wish: SourcesWanted, located: list[Located], *, anew: bool, hard: bool
    ) -> Produced:
        """The rendered set of a wish at these commits. `anew` uses no record, `hard` ends pauses too.

        Raises:
            SourceError: with the cause of the first source that failed.
        """
        records: dict[int, Record] = {}
        fresh = False
        for place, source in enumerate(wish.sources):
            if renders(source):
                records[place], rendered = await self._source(wish, place, located, anew=anew, hard=hard)
                fresh = fresh or rendered
        try:
            digest = await self._joined([record.digest for record in records.values()])
        except LookupError:
            if anew:
                raise SourceError(0, RenderTransientError("the cache loses what it is given"), None) from None
            return await self.produce(wish, located, anew=True, hard=hard)
        return Produced(
            digest=digest,
            source_types=tuple(records[p].source_type if p in records else "" for p in range(len(located))),
            read=tuple(_read_of(wish, place, records) for place in range(len(located))),
            fresh=fresh,
        )

    def name(self, wish: SourcesWanted, place: int, located: list[Located]) -> str:
        """The name of a source's record."""
        request = self._request(wish, place, located)
        return name_of(request, located[place].repository, wish.instance, self._pool.engine_version)

    async def load(self, names: list[str]) -> None:
        """Bring records into memory."""
        await self._records.load(names)

    async def remembered(self, wish: SourcesWanted, place: int, located: list[Located]) -> Record | None:
        """The record of a source, if it holds at these commits."""
        record = await self._records.get(self.name(wish, place, located))
        request = self._request(wish, place, located)
        if record is None or record.options != request.options_digest(record.source_type):
            return None
        return record if await self._holds(record, _commits(wish, place, located)) else None

    async def _source(
        self, wish: SourcesWanted, place: int, located: list[Located], *, anew: bool, hard: bool
    ) -> tuple[Record, bool]:
        name = self.name(wish, place, located)
        commits = ",".join(found.commit for found in located)
        try:
            if anew:
                await self._records.forget(name)
            record = await self.remembered(wish, place, located)
            if record is not None:
                return record, False
            if hard:
                self._failures.forget(f"{name}@{commits}")
            return await self._flights.run(
                f"{name}@{commits}", lambda: self._render(name, commits, wish, place, located)
            )
        except (RenderError, InvalidWishError, GitError) as error:
            read = (
                tuple(e.path for e in error.reads if not e.ref)
                if isinstance(error, RenderInvalidError)
                else ()
            )
            raise SourceError(place, error, read or None) from error

    async def _render(
        self, name: str, commits: str, wish: SourcesWanted, place: int, located: list[Located]
    ) -> tuple[Record, bool]:
        key = f"{name}@{commits}"
        paused = self._failures.paused(key)
        if paused:
            raise RenderInvalidError(paused)
        repository, commit = located[place].repository, located[place].commit
        try:
            result, extra = await self._rendered(
                self._request(wish, place, located), repository, wish.instance
            )
        except RenderInvalidError as error:
            self._failures.failed(key, str(error))
            raise
        self._failures.forget(key)
        log.debug("source.rendered", app=wish.instance, commit=commit, documents=len(result.documents))
        for warning in result.warnings:
            log.warning("source.doubtful", app=wish.instance, commit=commit, warning=warning)
        reads = (*result.reads, *extra)
        options = self._request(wish, place, located).options_digest(result.source_type)
        return await self._store(name, result, _readings(reads, wish, place, located), options), True

    async def _rendered(
        self, request: RenderRequest, repository: Repository, instance: str
    ) -> tuple[RenderResult, tuple[ReadEntry, ...]]:
        """A mirror that cannot be read is cloned again, once."""
        generation = repository.mirror.generation
        try:
            return await self._attempt(request, repository, instance)
        except (EngineFailureError, MirrorCorruptError) as error:
            log.warning("mirror.unreadable", mirror=repository.mirror.name, error=str(error))
            await repository.renew(generation)
            return await self._attempt(request, repository, instance)

    async def _attempt(
        self, request: RenderRequest, repository: Repository, instance: str
    ) -> tuple[RenderResult, tuple[ReadEntry, ...]]:
        request, extra = await overrides.applied(request, repository.mirror, instance, self._pool)
        return await self._pool.render(request), extra

    async def _store(
        self, name: str, result: RenderResult, readings: dict[str, Reading], options: str
    ) -> Record:
        rendered = RenderedSet(documents=tuple(result.documents))
        digest, packed = await _packed(rendered)
        record = Record(digest=digest, source_type=result.source_type, options=options, readings=readings)
        stored = {keys.manifests(digest): packed, **self._records.stored(name, record)}
        if not await self._cache.put_many(stored):
            raise RenderTransientError("the manifests were rendered, but the cache cannot be reached")
        self._records.keep(name, record)
        return record

    async def _joined(self, digests: list[str]) -> str:
        """One set of the sources' sets, in their order. Raises LookupError when the cache lost one."""
        if len(digests) == 1:
            return digests[0]
        found = await self._cache.get_many([keys.manifests(digest) for digest in digests])
        documents: list[bytes] = []
        for stored in found:
            if stored is None:
                raise LookupError
            try:
                documents += decode(RenderedSet, stored).documents
            except SchemaError as error:
                raise LookupError from error
        digest, packed = await _packed(RenderedSet(documents=tuple(documents)))
        if not await self._cache.put(keys.manifests(digest), packed):
            raise LookupError
        return digest

    async def _holds(self, record: Record, now: dict[str, tuple[Repository, str]]) -> bool:
        """Whether nothing that a record read has changed up to the given commits, by ref name."""
        for ref, reading in record.readings.items():
            repository, commit = now.get(ref, (None, ""))
            if repository is None:
                return False
            if commit != reading.commit:
                changes = await self.changes(repository, reading.commit, commit)
                if changes.touch(reading.paths):
                    return False
        return record.readings.keys() == now.keys()

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

    def _request(self, wish: SourcesWanted, place: int, located: list[Located]) -> RenderRequest:
        source, here = wish.sources[place], located[place]
        refs = {
            wish.sources[other].ref: RefSource(
                mirror=located[other].repository.mirror.path.absolute(), commit=located[other].commit
            )
            for other in used_refs(wish, source)
        }
        return request_of(wish, source, here.repository, here.commit, refs)


def _commits(wish: SourcesWanted, place: int, located: list[Located]) -> dict[str, tuple[Repository, str]]:
    """Repository and commit by ref name, "" for the source's own."""
    found = {"": (located[place].repository, located[place].commit)}
    for other in used_refs(wish, wish.sources[place]):
        found[wish.sources[other].ref] = (located[other].repository, located[other].commit)
    return found


def _readings(
    reads: tuple[ReadEntry, ...], wish: SourcesWanted, place: int, located: list[Located]
) -> dict[str, Reading]:
    paths: dict[str, list[str]] = {}
    for entry in reads:
        paths.setdefault(entry.ref, []).append(entry.path)
    return {
        ref: Reading(commit=commit, paths=tuple(dict.fromkeys(paths.get(ref, ()))))
        for ref, (_, commit) in _commits(wish, place, located).items()
    }


def _read_of(wish: SourcesWanted, place: int, records: dict[int, Record]) -> tuple[str, ...]:
    """What the application read in the repository of one of its sources."""
    own = records[place].readings[""].paths if place in records else ()
    ref = wish.sources[place].ref
    foreign = [r.readings[ref].paths for p, r in records.items() if ref and ref in r.readings]
    return tuple(dict.fromkeys((*own, *(path for paths in foreign for path in paths))))


async def _packed(rendered: RenderedSet) -> tuple[str, bytes]:
    if sum(map(len, rendered.documents)) < LARGE_SET:
        return rendered.digest, encode(rendered)
    return await asyncio.to_thread(lambda: (rendered.digest, encode(rendered)))
