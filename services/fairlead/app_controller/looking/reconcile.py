"""One look at one application, from what is true now to what its status says.

The story, each part entered once: gather the facts → judge them → decide what should happen → operate → write
back. What is written, and when, stands in the package's docstring; what a look leaves to the next one is
`kept`, and replaced here alone. Invariant: every look may be the first one after a crash; nothing here
depends on an earlier one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import msgspec
import structlog

from fairlead.app_controller.book import Book, Record, now
from fairlead.app_controller.comparing.comparison import compare_application
from fairlead.app_controller.comparing.item import Comparison, Remark, Subject
from fairlead.app_controller.comparing.validate import Checks
from fairlead.app_controller.deleting.delete import Deletion
from fairlead.app_controller.destination.impersonate import ImpersonationError
from fairlead.app_controller.drifting.watch import Drifting
from fairlead.app_controller.looking.automated import Decision, is_followed
from fairlead.app_controller.looking.decide import decided
from fairlead.app_controller.looking.dependencies import Dependencies
from fairlead.app_controller.looking.dependencies import Found as Awaiting
from fairlead.app_controller.looking.facts import (
    Abandoned,
    Facts,
    Found,
    Leaving,
    NoFacts,
    Refused,
    Unread,
    Unreadable,
    Waiting,
)
from fairlead.app_controller.looking.gather import Gatherer
from fairlead.app_controller.looking.holds import Holds, blocked, holds_of
from fairlead.app_controller.looking.kept import Kept, Stated
from fairlead.app_controller.looking.observer import Observer
from fairlead.app_controller.looking.recollection import Recollection
from fairlead.app_controller.looking.sharing import Sharing
from fairlead.app_controller.looking.verdict import Verdict, judge
from fairlead.app_controller.looking.write_back import WriteBack
from fairlead.app_controller.pauses import SOON, doubt_pause, first, pause_after, soonest
from fairlead.app_controller.reporting.depends import waits_shown
from fairlead.app_controller.reporting.drift import tell_drift
from fairlead.app_controller.reporting.explained import tell_explained, unexplained
from fairlead.app_controller.reporting.report import (
    failed_status,
    refused_status,
    unread_status,
    with_sync_error,
)
from fairlead.app_controller.reporting.tell import Teller
from fairlead.app_controller.resync import resync_after
from fairlead.app_controller.syncing.cut_off import CutOff
from fairlead.app_controller.syncing.newer import GIVES_WAY_AT_MOST
from fairlead.app_controller.syncing.operate import Operator
from fairlead.app_controller.syncing.operation import Context, until_told_apart
from fairlead.events import RenderLevel, Trace, trace
from fairlead.kube.errors import TransientError
from fairlead.kube.writer import ClusterWriter
from fairlead.matching.pins import none_of, pin_of
from fairlead.model.application import AppId
from fairlead.model.status import ConditionType, SyncCode
from fairlead.model.sync import Operation
from fairlead.rpc.waiting import Pinned
from fairlead.settings import ControllerSettings

log = structlog.get_logger(__name__)

AT_ONCE = 0.0
LAST_KNOWN_HOLDS = 300.0
"""Seconds for which sync and health of a cluster that cannot be read are shown as they were last."""


class Reconciler:
    """Looks at applications; `work` is what the queue's workers call."""

    def __init__(
        self,
        *,
        book: Book,
        checks: Checks,
        gatherer: Gatherer,
        operator: Operator,
        sharing: Sharing,
        write_back: WriteBack,
        deletion: Deletion,
        teller: Teller,
        drifting: Drifting,
        dependencies: Dependencies,
        is_passed: Callable[[AppId, Pinned | None], bool],
        recollection: Recollection,
        settings: Callable[[], ControllerSettings],
        observer: Observer | None = None,
    ) -> None:
        self._observer = observer
        self._book = book
        self._checks = checks
        self._gatherer = gatherer
        self._operator = operator
        self._sharing = sharing
        self._write_back = write_back
        self._deletion = deletion
        self._teller = teller
        self._drifting = drifting
        self._dependencies = dependencies
        self._is_passed = is_passed
        self._recollection = recollection
        self._settings = settings
        self._cut_off = CutOff(checks, settings)

    async def work(self, app_id: AppId) -> float | None:
        """Look at one application; after how many seconds to look again, or None."""
        record = self._book.get(app_id)
        if record is None:
            return None
        with trace.following(record.trace or Trace.start()):
            try:
                wait = await self._look(record)
            except ExceptionGroup as group:
                return await self._paused(first(group), record)
            except Exception as error:
                return await self._paused(error, record)
        record.kept = msgspec.structs.replace(record.kept, missed=0)
        self._recollection.left(record)
        return wait

    async def compared(self, record: Record) -> tuple[Subject, Comparison] | None:
        """The comparison as of now, for somebody who asks; None while it cannot be made."""
        subject = await self._gatherer.known(record)
        if subject is None:
            return None
        return subject, await compare_application(subject, record.ledger.for_reading(subject))

    async def _look(self, record: Record) -> float | None:
        """The stages, in order; the seconds until the next look."""
        record.wanted.see()
        record.kept = record.kept.at(now(), record.app, record.render)
        if self._observer is None and self._is_passed(record.id, pin_of(record.app)):
            await self._write_back.let_go(record, none_of())
        found = await self._gatherer.gather(record)
        if self._observer is not None:
            return await self._observed(record, found, self._observer)
        if not isinstance(found, Facts):
            return await self._without_facts(record, found)
        self._drifting.begin(record)
        verdict = await self._judged(record, found)
        self._sharing.note(record, verdict.comparison)
        if not found.problem:
            await self._write_back.finalizers(record, found.desired)
        before = record.kept
        if not found.is_firm and record.app.spec.is_automated and _is_out_of_sync(verdict):
            return self._firmly(record, before)
        depends = self._dependencies.found(record, found.render.revisions)
        holds = holds_of(self._checks, record.app, found.cluster, depends)
        decision = await self._decided(record, found, verdict, holds)
        if not decision.keeps_error:
            verdict = verdict._replace(status=with_sync_error(verdict.status, decision.error))
        verdict = verdict._replace(status=holds.said_in(verdict.status, is_waiting=decision.is_waiting))
        operation = record.app.operation or decision.operation
        if operation is not None and (wait := self._unready(record, found, before)) is not None:
            return wait
        reverts = decision.operation is not None
        await holds.tell(self._teller, record, verdict.comparison, reverts=reverts)
        if operation is not None:
            wait = await self._operated(record, found, verdict, operation, holds)
            return soonest(wait, holds.seconds_left())
        return soonest(
            holds.seconds_left(),
            await self._seen(record, found, verdict, decision),
            await self._asked(record, depends) if decision.is_waiting else None,
        )

    async def _asked(self, record: Record, depends: Awaiting) -> float | None:
        """Have those look at their repository whose status does not say the commit that is waited for."""
        for on in depends.ask:
            await self._write_back.ask_refresh(on)
            self._dependencies.asked(record.id, on)
        return None if depends.again_after is None else max(depends.again_after, SOON)

    async def _observed(self, record: Record, found: Found, observer: Observer) -> float | None:
        """A look that ends where another begins to act: its verdict is told, and nothing written."""
        if not isinstance(found, Facts):
            observer.without_facts(record, found)
            return found.seconds if isinstance(found, Waiting) else self._resync(record)
        verdict = await self._judged(record, found)
        record.wanted.take_seen()
        self._sharing.note(record, verdict.comparison)
        await observer.judged(record, found, verdict)
        return soonest(self._resync(record), doubt_pause(verdict.comparison, verdict.status.conditions))

    async def _seen(self, record: Record, found: Facts, verdict: Verdict, decision: Decision) -> float | None:
        """Nothing is to be done: what is so is written, where the Application does not say it already."""
        app = record.app
        if not await self._write_back.seen(record, verdict.status) and not found.problem:
            stated = Stated(app, found.render, verdict.comparison, found.beside)
            record.kept = msgspec.structs.replace(record.kept, stated=stated)
        if found.is_firm and decision.again_after is None:
            await self._explained(record, found, verdict, decision)
        in_doubt = doubt_pause(verdict.comparison, verdict.status.conditions)
        return soonest(self._resync(record), decision.again_after, in_doubt)

    async def _explained(self, record: Record, facts: Facts, verdict: Verdict, decision: Decision) -> None:
        """Nobody syncs what differs: why it does is told, once."""
        waits_for = waits_shown(verdict.status) if decision.is_waiting else ""
        name = unexplained(verdict.comparison, waits_for)
        if name and name != record.kept.explained:
            hidden = self._settings().masked_annotations
            await tell_explained(
                self._teller, record, facts.subject, verdict.comparison, hidden, waits_for=waits_for
            )
        if name != record.kept.explained:
            record.kept = msgspec.structs.replace(record.kept, explained=name)

    def _unready(self, record: Record, found: Facts, before: Kept) -> float | None:
        """Seconds until the operation may be looked at, where that is not now."""
        if not found.is_firm:
            return self._firmly(record, before)
        early = until_told_apart(record.app, datetime.now(UTC))
        if not early:
            return None
        _not_begun(record, before)
        return early

    @staticmethod
    def _firmly(record: Record, before: Kept) -> float:
        """No operation stands on what is only remembered: look again, with nothing of that."""
        _not_begun(record, before)
        record.kept = msgspec.structs.replace(record.kept, is_firm=True)
        return AT_ONCE

    async def _without_facts(self, record: Record, found: NoFacts) -> float | None:
        """What stands in the way of a verdict is written or waited for."""
        wait: float | None = None
        match found:
            case Waiting(wait, says):
                if says:
                    await self._write_back.waiting(record, says)
            case Unreadable(problem):
                await self._write_back.unreadable(record, problem)
            case Refused(remarks):
                wait = await self._refused(record, remarks)
            case Unread():
                wait = await self._unread(record, found)
            case Abandoned(cluster, reason):
                await self._cut_off.end(record, cluster)
                await self._write_back.waiting(record, reason)
                wait = SOON
            case Leaving(desired, problem):
                wait = await self._deletion.advance(record, desired, problem)
        return wait

    async def _judged(self, record: Record, facts: Facts, *, as_new: bool = False) -> Verdict:
        """The verdict; `as_new` for one after an operation, which counts as a refresh."""
        return await judge(
            facts,
            record.app,
            record.ledger,
            control_namespace=self._book.control_namespace,
            refreshed_now=(as_new and not facts.problem) or record.wanted.seen_level >= RenderLevel.RESOLVE,
            stated=record.kept.stated,
        )

    async def _decided(self, record: Record, facts: Facts, verdict: Verdict, holds: Holds) -> Decision:
        """Whether the application is synced without being asked; what is to be remembered of it is kept."""
        decision, has_drifted, record.kept = decided(
            record.app,
            facts,
            self._sharing.own(record, verdict.comparison),
            record.kept,
            moment=now(),
            may_sync=holds.may_sync,
            heal_wait=self._heal_wait,
            is_ready=holds.is_ready,
        )
        self._dependencies.waits(record.id, is_so=decision.is_waiting)
        record.paused, record.pinned = holds.pauses, holds.pin
        record.depends = holds.depends.waiting if decision.is_waiting else None
        changed = await self._drifting.look(
            record, facts.subject, verdict.comparison, has_drifted=has_drifted
        )
        if has_drifted:
            record.trace = Trace.start()
            await tell_drift(self._teller, record, verdict.comparison, changed)
        return decision

    async def _operated(
        self, record: Record, facts: Facts, verdict: Verdict, operation: Operation, holds: Holds
    ) -> float | None:
        """One evaluation of an operation, and the verdict after it."""
        try:
            writer = self._checks.writer(record.app, facts.cluster)
        except ImpersonationError as error:
            return await self._may_not_write(record, verdict, str(error), holds)
        context = self._context(record, facts, verdict, operation, writer=writer, holds=holds)
        self._dependencies.waits(record.id, is_so=not holds.is_ready)
        progress = await self._operator.step(record, operation, context, verdict.status)
        after = await self._judged(record, facts, as_new=progress.is_done)
        is_waiting = context.awaits is not None and context.awaits.reason == "dependencies"
        status = holds.said_in(after.status, is_waiting=is_waiting)
        await self._write_back.progressed(record, operation, progress, status)
        if progress.is_done:
            gave_way = record.kept.gave_way + 1 if progress.gave_way else 0
            record.kept = msgspec.structs.replace(record.kept, drifted_at=None, gave_way=gave_way)
            is_synced = after.status.sync.status is SyncCode.SYNCED
            return self._resync(record) if is_synced else SOON
        asked = await self._asked(record, holds.depends) if is_waiting else None
        return soonest(progress.again_after, asked)

    def _context(
        self,
        record: Record,
        facts: Facts,
        verdict: Verdict,
        operation: Operation,
        *,
        writer: ClusterWriter,
        holds: Holds,
    ) -> Context:
        block = blocked(self._checks, record.app, facts.cluster, operation, holds)
        return Context(
            subject=facts.subject,
            render=facts.render,
            desired=facts.desired,
            comparison=verdict.comparison,
            project=record.app.spec.project or "default",
            writer=writer,
            blocked=None if block is None else block.text,
            awaits=None if block is None else block.awaits,
            holder=partial(self._sharing.holder, record),
            claimants=partial(self._sharing.claimants, record),
            is_followed=lambda: is_followed(
                record.app,
                verdict.comparison,
                problem=facts.problem,
                may_sync=holds.is_ready
                and holds_of(self._checks, record.app, facts.cluster, holds.depends).may_sync,
            ),
            may_give_way=record.kept.gave_way < GIVES_WAY_AT_MOST,
        )

    async def _may_not_write(
        self, record: Record, verdict: Verdict, reason: str, holds: Holds
    ) -> float | None:
        """No account may write for the application: that is what its operation and its condition say."""
        remarks = [Remark(ConditionType.COMPARISON_ERROR, reason)]
        status = failed_status(
            record.app, remarks, verdict.comparison, control_namespace=self._book.control_namespace
        )
        status = holds.said_in(status, is_waiting=False)
        wait = await self._write_back.refused(record, status, remarks)
        return soonest(self._resync(record), wait)

    async def _refused(self, record: Record, remarks: list[Remark]) -> float | None:
        await self._cut_off.let_go(record)
        status = refused_status(record.app, remarks, control_namespace=self._book.control_namespace)
        wait = await self._write_back.refused(record, status, remarks, answers=True)
        return soonest(self._resync(record), wait)

    async def _unread(self, record: Record, found: Unread) -> float | None:
        """The cluster cannot be read: what is known of it stands for a while, beside the reason."""
        is_outdated = found.lasted >= LAST_KNOWN_HOLDS
        status = unread_status(
            record.app,
            [found.remark],
            is_outdated=is_outdated,
            control_namespace=self._book.control_namespace,
        )
        await self._write_back.unread(record, status, found.remark.message)
        return None if is_outdated else LAST_KNOWN_HOLDS - found.lasted + 1.0

    async def _paused(self, error: BaseException, record: Record) -> float | None:
        """How long to wait after a failed look; a cluster that did not answer is seen to meanwhile, and what
        nobody expected is said of the application. Raises that, so that it is tried again ever more slowly.
        """
        if isinstance(error, TransientError):
            self._checks.suspect(record.app)
        missed = record.kept.missed
        record.kept = msgspec.structs.replace(record.kept, missed=missed + 1)
        try:
            return pause_after(error, record.id, missed)
        except Exception:
            words = f"{type(error).__name__}: {error}"
            if self._observer is None:
                await self._write_back.failed(record, words)
            else:
                self._observer.failed(record, words)
            raise

    def _resync(self, record: Record) -> float:
        return resync_after(self._settings(), record)

    def _heal_wait(self, attempts: int) -> float:
        """Seconds between heals: growing, or fixed when the growing pause is switched off."""
        parameters = self._operator.parameters
        growing = parameters.heal_backoff
        return growing.wait(attempts) if growing.initial > 0 else parameters.heal_timeout


def _not_begun(record: Record, before: Kept) -> None:
    """What was decided is not begun in this look, and does not count as begun."""
    record.kept = msgspec.structs.replace(record.kept, was_compared=before.was_compared, pace=before.pace)


def _is_out_of_sync(verdict: Verdict) -> bool:
    return verdict.comparison.code is SyncCode.OUT_OF_SYNC
