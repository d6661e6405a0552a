"""Takes the answers of the repo-servers in, in their order.

Invariant: an application's render is never replaced by one that may be older. Where that cannot be told, the
answer is held until a fresh look at the remote has decided, one for all who wait for the same repository;
what was taken before holds on meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
import structlog

from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.rendering.order import (
    Assured,
    Order,
    Taken,
    Verdict,
    after,
    order,
    order_of_failure,
    verdict,
)
from fairlead.app_controller.rendering.render import Render
from fairlead.app_controller.rendering.wants import Wants
from fairlead.bus import Bus, BusError, Message
from fairlead.events import (
    Cause,
    Look,
    ManifestsRendered,
    RenderFailure,
    RenderLevel,
    SchemaError,
    Trace,
    decode,
    subjects,
    trace,
)
from fairlead.events.envelope import encode
from fairlead.matching.pins import followed_sources
from fairlead.matching.repository import partition
from fairlead.model.application import AppId
from fairlead.model.source import Source
from fairlead.rpc import LookAtRepository, LookedAtRepository
from fairlead.rpc.repo import LOOK, PATIENCE

log = structlog.get_logger(__name__)

LOOK_WITHIN = 120.0
"""Seconds for which a look that was asked for is waited: a large repository may have to be fetched."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between two attempts to have a repository looked at."""
EPOCHS = 4
"""Epochs of a repository of which an assurance is remembered: the newest."""
ASSURED = 4096
"""Repositories of which an assurance is remembered, those looked at last; without one a look is asked for."""
UNTOLD = Look(epoch="untold")
"""The look of an answer that names none."""

SourceKey = tuple[str, str, str, str]
"""What is looked for where: address, chart, revision and prefix of tags."""
RepositoryKey = tuple[str, str, bool, str]
"""Address, chart, whether credentials are passed on, and project: which mirror."""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that waits for a look that began after it was held."""

    event: ManifestsRendered
    trace: Trace | None
    at: int


class Renders:
    """The answers that were taken, and those in doubt."""

    def __init__(
        self,
        bus: Bus,
        book: Book,
        wants: Wants,
        *,
        owns: Callable[[Record], bool],
        requeue: Callable[[AppId], None],
    ) -> None:
        self._owns = owns
        self._bus = bus
        self._book = book
        self._wants = wants
        self._requeue = requeue
        self._taken: dict[AppId, dict[SourceKey, Taken]] = {}
        self._held: dict[AppId, Held] = {}
        self._assured: dict[RepositoryKey, dict[str, Assured]] = {}
        self._waiting: dict[RepositoryKey, set[AppId]] = {}
        self._begun: set[RepositoryKey] = set()
        self._arrived = asyncio.Event()

    async def handle(self, message: Message) -> None:
        """A `ManifestsRendered`; every controller hears all of them and drops what is for another."""
        event = message.event(ManifestsRendered)
        record = self._book.get(AppId(event.namespace, event.name))
        if record is not None and self._owns(record):
            self._judge(record, Held(event=event, trace=trace.followed(), at=self._wants.clock.now()))

    async def run(self) -> None:
        """Have repositories looked at where answers are in doubt, for ever."""
        async with asyncio.TaskGroup() as group:
            while True:
                await self._arrived.wait()
                self._arrived.clear()
                for repository in self._waiting.keys() - self._begun:
                    self._begun.add(repository)
                    group.create_task(self._settle(repository))

    def is_held(self, app_id: AppId) -> bool:
        """Whether an answer waits for a look."""
        return app_id in self._held

    def forget(self, app_id: AppId) -> None:
        """The application is gone."""
        self._taken.pop(app_id, None)
        self._held.pop(app_id, None)
        self._wants.forget(app_id)

    def _judge(self, record: Record, held: Held) -> None:
        event, sources = held.event, followed_sources(record.app)
        is_outdated = record.wanted.wish is not None and event.sources_digest != record.wanted.digest
        if is_outdated or (event.revisions and len(event.revisions) != len(sources)):
            log.debug("render.outdated", app=record.id.qualified)
            return
        orders = self._orders(record, event, sources)
        found = verdict(orders)
        log.debug("render.judged", app=record.id.qualified, verdict=found, revisions=event.revisions)
        match found:
            case Verdict.TAKE:
                self._take(record, held, sources)
            case Verdict.DOUBT:
                self._doubt(record, held, sources, orders)
            case Verdict.ANEW:
                self._ask(record, RenderLevel.CACHED)
            case Verdict.DROP:
                log.info("render.overtaken", app=record.id.qualified, revisions=event.revisions)

    def _orders(self, record: Record, event: ManifestsRendered, sources: tuple[Source, ...]) -> list[Order]:
        taken = self._taken_of(record)
        if not event.revisions:
            pairs = zip(sources, event.looks, strict=False)
            return [order_of_failure(taken.get(_key(source)), look) for source, look in pairs]
        looks = event.looks or (UNTOLD,) * len(sources)
        return [
            order(
                taken.get(_key(source)),
                commit,
                look,
                self._assurances(record, source, event, look),
                shown=shown,
            )
            for source, commit, shown, look in zip(
                sources, event.rendered, event.revisions, looks, strict=True
            )
        ]

    def _take(self, record: Record, held: Held, sources: tuple[Source, ...]) -> None:
        event, taken = held.event, self._taken_of(record)
        looks = event.looks or (UNTOLD,) * len(sources)
        kept: dict[SourceKey, Taken] = {}
        answered = zip(sources, event.rendered, event.revisions, looks, strict=False)
        for source, commit, shown, look in answered:
            key, assured = _key(source), self._assurances(record, source, event, look)
            now = self._wants.clock.now()
            kept[key] = after(taken.get(key), commit, look, assured, now, shown=shown)
        if kept:
            self._taken[record.id] = kept
        record.trace = held.trace or record.trace
        record.render = Render.of(event)
        self._wants.answered(record, event.question, event.level)
        self._requeue(record.id)

    def _doubt(self, record: Record, held: Held, sources: tuple[Source, ...], orders: list[Order]) -> None:
        """Hold the answer until its repositories were looked at; one that was looked at since is no better
        than before, so another answer has to come.
        """
        pairs = zip(sources, orders, strict=True)
        doubted = {self._mirror(record, source) for source, found in pairs if found is Order.UNKNOWN}
        waiting = {repository for repository in doubted if not self._is_settled(repository, held.at)}
        if not waiting:
            self._ask(record, RenderLevel.REFRESH)
            return
        self._held[record.id] = held
        for repository in waiting:
            self._waiting.setdefault(repository, set()).add(record.id)
        self._arrived.set()

    def _is_settled(self, repository: RepositoryKey, since: int) -> bool:
        return any(found.at >= since for found in self._assured.get(repository, {}).values())

    async def _settle(self, repository: RepositoryKey) -> None:
        """Look until nobody waits for this repository."""
        pause = FIRST_PAUSE
        try:
            while self._is_awaited(repository):
                at = self._wants.clock.now()
                try:
                    looked = await self._look(repository)
                except (BusError, SchemaError) as error:
                    log.warning("render.in_doubt", repository=repository[0], error=str(error))
                    self._say(repository, str(error))
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, LONGEST_PAUSE)
                    continue
                self._assure(repository, looked, at)
        finally:
            self._begun.discard(repository)
            self._arrived.set()

    def _is_awaited(self, repository: RepositoryKey) -> bool:
        """Whether anybody still waits; who is gone, or was answered otherwise, does not."""
        waiting = self._held.keys() & self._waiting.pop(repository, set())
        if waiting:
            self._waiting[repository] = waiting
        return bool(waiting)

    async def _look(self, repository: RepositoryKey) -> LookedAtRepository:
        url, chart, passes, project = repository
        question = LookAtRepository(repo_url=url, chart=chart, pass_credentials=passes, project=project)
        subject = subjects.rpc_repo(partition(url), LOOK)
        answer = await self._bus.request(subject, encode(question), timeout=LOOK_WITHIN, patience=PATIENCE)
        return decode(LookedAtRepository, answer)

    def _assure(self, repository: RepositoryKey, looked: LookedAtRepository, at: int) -> None:
        known = self._assured.pop(repository, {})
        self._assured[repository] = known
        while len(self._assured) > ASSURED:
            del self._assured[next(iter(self._assured))]
        known.pop(looked.look.epoch, None)
        known[looked.look.epoch] = Assured(epoch=looked.look.epoch, settled=looked.settled, at=at)
        while len(known) > EPOCHS:
            del known[next(iter(known))]
        for app_id in self._waiting.pop(repository, set()):
            record, held = self._book.get(app_id), self._held.pop(app_id, None)
            if record is not None and held is not None:
                self._judge(record, held)

    def _say(self, repository: RepositoryKey, problem: str) -> None:
        """Applications of which nothing is known at all say why; all others go on with what they have."""
        for app_id in self._waiting.get(repository, ()):
            record, held = self._book.get(app_id), self._held.get(app_id)
            if record is None or held is None or record.render is not None:
                continue
            text = f"what {repository[0]} holds now cannot be told, so nothing is changed: {problem}"
            failed = msgspec.structs.replace(
                held.event, digest="", failure=RenderFailure(message=text, transient=True)
            )
            record.render = Render.of(failed)
            self._requeue(app_id)

    def _ask(self, record: Record, level: RenderLevel) -> None:
        record.wanted.ask(level, Cause.RESYNC)
        self._requeue(record.id)

    def _taken_of(self, record: Record) -> dict[SourceKey, Taken]:
        """What was taken; after a start what the status says of the sources it was compared to."""
        known = self._taken.get(record.id)
        return _remembered(record) if known is None else known

    def _assurances(
        self, record: Record, source: Source, event: ManifestsRendered, look: Look
    ) -> list[Assured]:
        found = list(self._assured.get(self._mirror(record, source), {}).values())
        insisted = self._wants.insisted_at(record.id, event.question)
        if insisted is not None:
            found.append(Assured(epoch=look.epoch, settled=look.number, at=insisted))
        return found

    @staticmethod
    def _mirror(record: Record, source: Source) -> RepositoryKey:
        passes = bool(source.helm and source.helm.pass_credentials)
        return source.repo_url, source.chart, passes, record.app.spec.project or "default"


def _key(source: Source) -> SourceKey:
    return source.repo_url, source.chart, source.target_revision, source.tag_prefix


def _remembered(record: Record) -> dict[SourceKey, Taken]:
    sync = record.app.status.sync
    compared = sync.compared_to
    if compared is None:
        return {}
    sources = compared.sources or ((compared.source,) if compared.source is not None else ())
    revisions = sync.revisions or ((sync.revision,) if sync.revision else ())
    return {
        _key(source): Taken(commit=commit)
        for source, commit in zip(sources, revisions, strict=False)
        if commit
    }
