"""Tells the repo-server what an application wants rendered: one entry in the `sources` bucket, one request.

Invariant: the bucket is written before the request, so whoever answers reads the wish or a newer one.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import random
import secrets
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress

import msgspec
import structlog

from fairlead.app_controller.book import Book, Record, now
from fairlead.app_controller.destination.clusters import Cluster
from fairlead.app_controller.rendering.demands import Demands, nobodys
from fairlead.app_controller.rendering.render import Render
from fairlead.app_controller.rendering.wishes import follows, revisions_of, wants_the_same
from fairlead.bus import Bus
from fairlead.bus.topology import CAPABILITIES_AGE, CAPABILITIES_BUCKET, SOURCES_BUCKET
from fairlead.events import (
    AfterBuild,
    Capabilities,
    Cause,
    RenderLevel,
    RenderRequested,
    SignaturesDemanded,
    SourcesWanted,
    subjects,
)
from fairlead.events.envelope import encode
from fairlead.events.wanted_source import generate_paths, repository_source
from fairlead.matching.pins import followed_sources
from fairlead.matching.repository import partition
from fairlead.matching.repository import token as token_of
from fairlead.model.application import AppId, Application

log = structlog.get_logger(__name__)

_QUESTIONS = 1 << 32
"""Questions of one process; the first one's number is drawn, so that no other process's is taken for ours."""

ANSWER_WITHIN = 90.0
"""Seconds after which a request without answer is sent again: a render may take 60 (contract 21)."""
ASKED_AGAIN = 600.0
"""Seconds, give or take a quarter, without an answer after which one is asked for where the owner of the
repository has said nothing of it meanwhile. Costs the repo-server no look of its own and no render."""
LISTED_WITHIN = 20.0
"""Seconds for which looks wait for the wishes that are stored already."""
LISTED_HOLDS = 120.0
"""Seconds for which what was found stored is believed: who owned an application before may still put."""
SERVED_AT_LEAST = 16
"""Clusters' capabilities that are kept before it is looked which are in use."""
_SENSITIVE_TYPES = frozenset({"Helm", "Plugin", ""})
"""Sources whose render depends on the cluster's version and kinds."""


class Clock:
    """Counts what happens in this process, so that before and after can be told."""

    def __init__(self) -> None:
        self._ticks = itertools.count(1)

    def now(self) -> int:
        """A number higher than any before."""
        return next(self._ticks)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The last request for an application. `at` is of the clock; `insists` on a look at the remote."""

    question: int
    level: RenderLevel
    at: int
    insists: bool


def _nothing(_: str) -> tuple[str, ...]:
    return ()


class Wants:
    """Keeps the bucket equal to the wishes of the applications that are ours.

    `permitted` are the repositories that a project permits, `demands` whose signatures it demands of sources;
    `inflates` says whether Kustomize renders charts, `after_build` what is done to the manifests. Where it
    `reads_wishes`, those that are stored already are read first (`withdraw_forgotten`) and not put again;
    `remembered` is called when something is believed that was told to a process before this one.
    """

    def __init__(
        self,
        bus: Bus,
        book: Book,
        *,
        requeue: Callable[[AppId], None],
        permitted: Callable[[str], tuple[str, ...]] = _nothing,
        demands: Demands = nobodys,
        inflates: Callable[[], bool] = lambda: False,
        after_build: Callable[[Application], AfterBuild | None] = lambda _: None,
        remembered: Callable[[], None] = lambda: None,
        reads_wishes: bool = False,
    ) -> None:
        self._bus = bus
        self._inflates = inflates
        self._remembered = remembered
        self._after_build = after_build
        self._demands = demands
        self._permitted = permitted
        self._bucket = bus.key_value(SOURCES_BUCKET)
        self._book = book
        self._requeue = requeue
        self._capabilities = bus.key_value(CAPABILITIES_BUCKET)
        self._served: dict[str, Capabilities] = {}
        self._told_at: dict[str, float] = {}
        self._served_at_most = SERVED_AT_LEAST
        self._asked: dict[AppId, Asked] = {}
        self._quiet_until: dict[AppId, float] = {}
        self._confirmed_at: dict[str, float] = {}
        self._stored: dict[AppId, bytes] = {}
        self._listed, self._listed_at = asyncio.Event(), 0.0
        if not reads_wishes:
            self._listed.set()
        self._questions = itertools.count(secrets.randbelow(1 << 30) * _QUESTIONS + 1)
        self.clock = Clock()
        bus.on_wipe(self.forget_all)

    def forget_all(self) -> None:
        """The bus lost its bucket: every wish is put, and every render asked for, anew."""
        self._told_at.clear()
        self._stored.clear()
        for record in self._book:
            record.wanted.is_stored = False
            record.wanted.ask(RenderLevel.CACHED, Cause.STARTUP)
            self._requeue(record.id)

    def wish_of(self, record: Record, cluster: Cluster) -> SourcesWanted:
        """What the application wants now."""
        app, serving = record.app, cluster.capabilities
        sources = followed_sources(app)
        digest = cluster.capabilities_digest
        if digest not in self._served:
            self._drop_unused()
            self._served[digest] = serving
        return SourcesWanted(
            namespace=record.id.namespace,
            name=record.id.name,
            instance=record.instance,
            project=app.spec.project or "default",
            sources=tuple(map(repository_source, sources, self._demands(app, sources))),
            source_repos=self._permitted(app.spec.project or "default"),
            destination_namespace=app.spec.destination.namespace,
            capabilities=digest,
            manifest_generate_paths=generate_paths(app),
            after_build=self._after_build(app),
        )

    async def ensure(self, record: Record, cluster: Cluster, *, believed: Render | None = None) -> None:
        """Store the wish if it is new and ask for a render if one is due. Raises BusUnavailableError.

        A question without answer may have met no wish, so that is stored anew too. What is `believed` of an
        application of which nothing was heard yet is not asked for, if it answers the wish.
        """
        if self._is_outdated(record, cluster):
            self._renew(record, cluster)
        if believed is not None and record.render is None:
            self._believe(record, believed)
        if record.wanted.asked_at is not None and self._is_due(record):
            record.wanted.is_stored = False
        if self._heard_nothing(record):
            record.wanted.ask(RenderLevel.CACHED, Cause.RESYNC)
        await self._tell(record)
        if not record.wanted.is_stored:
            await self._store(record)
        if record.wanted.is_stored and self._is_due(record):
            await self._ask(record)

    def _believe(self, record: Record, render: Render) -> None:
        """Go on with what a process before this one was told; the comparison of levels may doubt it."""
        is_asked_for = record.wanted.level > RenderLevel.CACHED or record.wanted.asked_at is not None
        if render.sources_digest != record.wanted.digest or is_asked_for:
            return
        record.render = msgspec.structs.replace(render, is_remembered=True)
        record.wanted.level = 0
        self._wait_in_quiet(record)
        self._remembered()

    def _wait_in_quiet(self, record: Record) -> None:
        self._quiet_until[record.id] = now() + ASKED_AGAIN * random.uniform(0.75, 1.25)  # noqa: S311

    async def withdraw(self, app_id: AppId) -> None:
        """The application is gone; nothing is to be rendered for it. One made anew meanwhile wishes and asks
        again: what it asked may have met no wish; one that is there already puts its own in place of it.

        Raises BusUnavailableError.
        """
        if self._book.get(app_id) is not None:
            return
        try:
            await self._bucket.delete(subjects.app_tokens(*app_id))
        finally:
            record = self._book.get(app_id)
            if record is not None:
                record.wanted.is_stored = False
                record.wanted.asked_at = None
                self._requeue(app_id)

    async def withdraw_forgotten(self, is_gone: Callable[[AppId], Awaitable[bool]]) -> None:
        """After a start: withdraw the wishes of applications that went while nobody watched.

        All Applications have been read before; one that another replica knew earlier is asked for. Raises
        BusUnavailableError, and what `is_gone` does.
        """
        async for entry in self._bucket.watch():
            if not entry.key:
                self._listed_at = now()
                self._listed.set()
                return
            try:
                app_id = AppId(*subjects.app_of(entry.key))
            except ValueError:
                log.warning("wish.of_nobody", key=entry.key[:200])
                continue
            if entry.value is not None:
                self._listed_at, self._stored[app_id] = now(), _mark(entry.value)
            if entry.value is None or self._book.get(app_id) is not None or not await is_gone(app_id):
                continue
            log.info("wish.withdrawn", app=app_id.qualified)
            await self.withdraw(app_id)

    def confirmed(self, repositories: Iterable[str]) -> None:
        """Owners spoke of what is believed of these, by their tokens: what was lost there is known."""
        moment = now()
        recent = {token: at for token, at in self._confirmed_at.items() if moment - at < ASKED_AGAIN}
        self._confirmed_at = recent | dict.fromkeys(repositories, moment)

    def _heard_nothing(self, record: Record) -> bool:
        """Whether an answer may have been lost for so long that the application asks for it by itself."""
        moment, wish = now(), record.wanted.wish
        if wish is None or record.wanted.asked_at is not None:
            return False
        if moment <= self._quiet_until.get(record.id, float("inf")):
            return False
        at = self._confirmed_at.get(token_of(wish.home))
        return at is None or moment - at > ASKED_AGAIN

    def _drop_unused(self) -> None:
        """Forget what no wish names any more, as clusters change; it is looked for now and then."""
        if len(self._served) < self._served_at_most:
            return
        used = {record.wanted.wish.capabilities for record in self._book if record.wanted.wish is not None}
        self._served = {digest: serving for digest, serving in self._served.items() if digest in used}
        self._told_at = {digest: at for digest, at in self._told_at.items() if digest in used}
        self._served_at_most = max(SERVED_AT_LEAST, 2 * len(self._served))

    def forget(self, app_id: AppId) -> None:
        """The application is gone; an answer to what was asked for it answers nobody."""
        self._asked.pop(app_id, None)
        self._quiet_until.pop(app_id, None)

    def answered(self, record: Record, question: int, level: int) -> None:
        """An answer was taken: whatever was asked and not asked anew since is answered."""
        self._wait_in_quiet(record)
        record.wanted.answered_level = max(record.wanted.answered_level, level)
        asked = self._asked.get(record.id)
        if asked is None or asked.question != question or record.wanted.asked_at is None:
            return
        record.wanted.asked_at = None
        if asked.level >= record.wanted.level:
            record.wanted.level = 0

    def insisted_at(self, app_id: AppId, question: int) -> int | None:
        """When the look was asked for that an answer to this question comes from; None for no such look."""
        asked = self._asked.get(app_id)
        return asked.at if asked is not None and asked.insists and asked.question == question else None

    def _is_outdated(self, record: Record, cluster: Cluster) -> bool:
        wish, known, spec = record.wanted.wish, record.wanted.spec, record.app.spec
        if wish is None or known is None:
            return True
        if known is not spec and not wants_the_same(known, spec):
            return True
        if wish.manifest_generate_paths != generate_paths(record.app) or not follows(wish, record.app):
            return True
        record.wanted.spec = spec
        if wish.source_repos != self._permitted(wish.project):
            return True
        if (
            is_sensitive(record, inflates=self._inflates())
            and wish.capabilities != cluster.capabilities_digest
        ):
            return True
        is_finished_else = wish.after_build != self._after_build(record.app)
        return is_finished_else or self._demands(record.app, spec.effective_sources()) != _demanded(wish)

    def _renew(self, record: Record, cluster: Cluster) -> None:
        wish = self.wish_of(record, cluster)
        if wish.digest == record.wanted.digest:
            record.wanted.spec = record.app.spec
            return
        known, spec = record.wanted.wish, record.wanted.spec
        is_alike = (
            known is not None
            and known.manifest_generate_paths == wish.manifest_generate_paths
            and revisions_of(known) == revisions_of(wish)
        )
        record.wanted.wish, record.wanted.digest, record.wanted.spec = wish, wish.digest, record.app.spec
        record.wanted.is_stored = False
        if known is None:
            return
        if is_alike and spec is not None and wants_the_same(spec, record.app.spec):
            is_served_else = known.capabilities != wish.capabilities
            record.wanted.ask(RenderLevel.RESOLVE, Cause.CAPABILITIES if is_served_else else Cause.RESYNC)
        else:
            record.wanted.ask(RenderLevel.REFRESH, Cause.SPEC_CHANGED)

    async def _tell(self, record: Record) -> None:
        """Have what the wish's cluster serves in its bucket, where it is not kept for ever."""
        digest = record.wanted.wish.capabilities if record.wanted.wish is not None else ""
        serving, told_at = self._served.get(digest), self._told_at.get(digest)
        if serving is None or (told_at is not None and now() - told_at < CAPABILITIES_AGE / 10):
            return
        await self._capabilities.put(digest, encode(serving))
        self._told_at[digest] = now()

    async def _store(self, record: Record) -> None:
        """Whatever comes to doubt the wish while it is being stored has it stored again."""
        wish = record.wanted.wish
        if wish is None:
            return
        record.wanted.is_stored = True
        text = encode(wish)
        try:
            if not await self._is_there(record.id, text):
                await self._bucket.put(subjects.app_tokens(*record.id), text)
        except BaseException:
            record.wanted.is_stored = False
            raise

    async def _is_there(self, app_id: AppId, text: bytes) -> bool:
        """Whether the bucket was found to hold this very wish; that is believed once."""
        if not self._listed.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(LISTED_WITHIN):
                    await self._listed.wait()
            self._listed.set()
        if self._stored and now() - self._listed_at > LISTED_HOLDS:
            self._stored.clear()
        return self._stored.pop(app_id, None) == _mark(text)

    def _is_due(self, record: Record) -> bool:
        if record.wanted.asked_at is not None:
            return now() - record.wanted.asked_at > ANSWER_WITHIN
        render = record.render
        return render is None or render.sources_digest != record.wanted.digest or record.wanted.level > 0

    async def _ask(self, record: Record) -> None:
        level = RenderLevel(record.wanted.level or RenderLevel.CACHED)
        cause = record.wanted.cause
        insists = level >= RenderLevel.REFRESH or cause is Cause.SPEC_CHANGED
        asked = Asked(question=next(self._questions), level=level, at=self.clock.now(), insists=insists)
        record.wanted.asked_at = now()
        self._asked[record.id] = asked
        event = RenderRequested(
            namespace=record.id.namespace,
            name=record.id.name,
            level=level,
            cause=cause,
            question=asked.question,
        )
        part = partition(record.wanted.wish.home if record.wanted.wish is not None else "")
        log.debug("render.requested", app=record.id.qualified, level=level.name, cause=cause)
        try:
            await self._bus.publish(subjects.render_requested(part, *record.id), event)
        except BaseException:
            record.wanted.asked_at = None
            raise


def _mark(text: bytes) -> bytes:
    return hashlib.blake2b(text, digest_size=16).digest()


def _demanded(wish: SourcesWanted) -> tuple[SignaturesDemanded | None, ...]:
    return tuple(source.signatures for source in wish.sources)


def is_sensitive(record: Record, *, inflates: bool) -> bool:
    """Whether what the application's cluster serves may change what is rendered for it."""
    render = record.render
    return render is None or any(
        kind in _SENSITIVE_TYPES or (inflates and kind == "Kustomize") for kind in render.source_types
    )
