"""What an application waits for of those that it depends on, and whom a change of one of them wakes.

Invariant: it is judged anew at each look, from the Applications as they are; nothing is remembered but who
waits, and since when a commit is missing that a status may only not say yet. Of a circle no edge counts, so
that it holds nobody, and none is made by an edge that a project does not let count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec

from fairlead.app_controller.book import Book, Record, now
from fairlead.app_controller.comparing.item import Remark
from fairlead.app_controller.following.dependents import Dependents
from fairlead.matching.circles import MOST, circle_of
from fairlead.matching.dependencies import (
    UNKNOWN,
    Accepted,
    Dependency,
    Histories,
    is_behind,
    is_permitted,
    unready,
)
from fairlead.model.application import AppId, Application
from fairlead.model.appproject import AppProject
from fairlead.model.status import ConditionType
from fairlead.model.times import seconds_since
from fairlead.rpc.waiting import MAX_AWAITED, Awaited, Hindrance, Waiting
from fairlead.sync.options import parse_options

ASK_AFTER = 15.0
"""Seconds after which a dependency whose status does not say a commit is asked to look at its repository:
what is known of the ref may be lost."""
PATIENCE = 600.0
"""Seconds for which the deletion of an application waits for those that depend on it to be gone."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What is not ready, as data and in words; what is wrong with what was declared; and whom to ask for a
    look at its repository, now or in so many seconds."""

    waiting: Waiting | None = None
    text: str = ""
    remarks: tuple[Remark, ...] = ()
    ask: tuple[AppId, ...] = ()
    again_after: float | None = None


NOTHING = Found()


class _Missing(NamedTuple):
    """Since when a commit is missing at a dependency, and whether that was asked for a look."""

    revisions: tuple[str, ...]
    since: float
    is_asked: bool = False


class Dependencies:
    """Judges what applications depend on."""

    def __init__(
        self,
        book: Book,
        *,
        requeue: Callable[[AppId], None],
        project: Callable[[str], AppProject | None],
        histories: Callable[[], Histories],
        follows: Callable[[AppId, str, str], bool],
    ) -> None:
        self._book = book
        self._dependents = Dependents()
        self._follows = follows
        self._requeue = requeue
        self._project = project
        self._histories = histories
        self._waiting: set[AppId] = set()
        self._missing: dict[AppId, dict[AppId, _Missing]] = {}

    def found(self, record: Record, revisions: tuple[str, ...]) -> Found:
        """What keeps the application from being deployed at these revisions."""
        self._note(record)
        said = self._dependents.declared(record.id)
        if not said.dependencies and not said.problems:
            return NOTHING
        policy = record.app.spec.sync_policy
        if policy is not None and parse_options(policy.sync_options).ignore_dependencies:
            return NOTHING
        circle = self._circle(record.id)
        waits = self._waits(record, revisions, circle)
        missing = self._missing.get(record.id, {})
        texts = [f"{_shown(record.app, one.app)}: {why}" for one, why in waits]
        texts += [f"what it depends on is to be said anew: {problem}" for problem in said.problems]
        return Found(
            waiting=_waiting(waits, texts) if texts else None,
            text="; ".join(texts),
            remarks=tuple(
                Remark(ConditionType.DEPENDENCY_WARNING, text)
                for text in (*said.problems, *_circled(record, circle), *_unknown(record.app, waits))
            ),
            ask=tuple(name for name, one in missing.items() if not one.is_asked and _left(one) <= 0),
            again_after=min((_left(one) for one in missing.values() if not one.is_asked), default=None),
        )

    def _waits(
        self, record: Record, revisions: tuple[str, ...], circle: tuple[AppId, ...]
    ) -> list[tuple[Dependency, str]]:
        """Which are not ready, and why; from when on a commit is missing at which is kept."""
        app, histories = record.app, self._histories()
        waits: list[tuple[Dependency, str]] = []
        missing: dict[AppId, _Missing] = {}
        before = self._missing.pop(record.id, {})
        for one in self._dependents.declared(record.id).dependencies:
            if one.app in circle:
                continue
            on = self._permitted(app, one.app)
            why = UNKNOWN if on is None else unready(app, revisions, one.accepted, on, histories)
            if not why:
                continue
            waits.append((one, why))
            is_status = one.accepted is not Accepted.HEALTHY and on is not None
            if is_status and on is not None and is_behind(app, revisions, on, histories):
                known = before.get(one.app)
                is_same = known is not None and known.revisions == revisions
                missing[one.app] = known if is_same and known is not None else _Missing(revisions, now())
        if missing and self._is_there(record):
            self._missing[record.id] = missing
        return waits

    def _circle(self, app_id: AppId) -> tuple[AppId, ...]:
        """Those that depend on the application and on which it depends, itself among them; () for nobody."""
        return circle_of(app_id, self._edges)

    def _edges(self, app_id: AppId) -> Iterator[AppId]:
        record = self._book.get(app_id)
        for one in self._dependents.declared(app_id).dependencies if record is not None else ():
            if record is not None and self._permitted(record.app, one.app) is not None:
                yield one.app

    def _note(self, record: Record) -> None:
        """What an application says counts from now on; who comes into a circle, or out of one, says so."""
        if self._dependents.is_known(record.app) or not self._is_there(record):
            return
        before = self._circle(record.id)
        self._dependents.note(record.app)
        for app_id in {*before, *self._circle(record.id)} - {record.id}:
            self._requeue(app_id)

    def _reached(self, app_id: AppId) -> set[AppId]:
        """Those on which an application depends, also over others, and that depend on anybody: whoever stands
        in a circle with it is among them."""
        found: set[AppId] = set()
        ahead = [app_id]
        while ahead and len(found) < MOST:
            name = ahead.pop()
            beyond = [one.app for one in self._dependents.declared(name).dependencies]
            if beyond and name not in found:
                found.add(name)
                ahead += beyond
        return found - {app_id}

    def _is_there(self, record: Record) -> bool:
        """Whether a look is at an application that is not gone meanwhile, nor made anew."""
        return self._book.get(record.id) is record

    def asked(self, app_id: AppId, on: AppId) -> None:
        """A dependency was asked for a look at its repository, once for this commit."""
        missing = self._missing.get(app_id, {})
        if on in missing:
            missing[on] = missing[on]._replace(is_asked=True)

    def waits(self, app_id: AppId, *, is_so: bool) -> None:
        """Whether the application is kept from being synced, and is to be woken by what it depends on."""
        if is_so and self._book.get(app_id) is not None:
            self._waiting.add(app_id)
        else:
            self._waiting.discard(app_id)

    def changed(self, app_id: AppId) -> None:
        """An application is as it was not before: who waits for it is looked at."""
        for dependent in self._dependents.of(app_id):
            if dependent in self._waiting:
                self._requeue(dependent)

    def noted(self, record: Record) -> None:
        """An Application is there, or another: what it says counts from now on."""
        self._note(record)
        self.changed(record.id)

    def moved(self, repository: str, ref: str) -> None:
        """More is known of a ref: those are looked at whom a commit of it may be what is missing for."""
        for app_id in list(self._missing):
            if self._follows(app_id, repository, ref):
                self._requeue(app_id)

    def ruled(self) -> None:
        """A project may let others depend on what it did not: who depends on anybody is looked at."""
        for app_id in self._dependents:
            self._requeue(app_id)

    def gone(self, app_id: AppId) -> None:
        """An application is gone: what it depended on may go, and who waits for it says so."""
        for one in self._dependents.declared(app_id).dependencies:
            record = self._book.get(one.app)
            if record is not None and record.app.is_deleting:
                self._requeue(one.app)
        for other in self._reached(app_id):
            self._requeue(other)
        self._dependents.forget(app_id)
        self._missing.pop(app_id, None)
        self._waiting.discard(app_id)
        self.changed(app_id)

    def leaving(self, record: Record) -> str:
        """Who is to be gone before the application is, in words; "" for nobody, and when it took too long."""
        passed = seconds_since(record.app.metadata.deletion_timestamp)
        if passed is not None and passed > PATIENCE:
            return ""
        names, circle = [], self._circle(record.id)
        for app_id in self._dependents.of(record.id):
            other = self._book.get(app_id)
            if other is None or not other.app.is_deleting or app_id in circle:
                continue
            if is_permitted(other.app, record.app, self._project(record.app.spec.project or "default")):
                names.append(_shown(record.app, app_id))
        if not names:
            return ""
        most = f"for at most {PATIENCE / 60:.0f} minutes"
        return f"applications that depend on it to be gone, {most}: {', '.join(names)}"

    def _permitted(self, app: Application, on: AppId) -> Application | None:
        record = self._book.get(on)
        if record is None or record.seen.unreadable:
            return None
        project = self._project(record.app.spec.project or "default")
        return record.app if is_permitted(app, record.app, project) else None


def _circled(record: Record, circle: tuple[AppId, ...]) -> Iterator[str]:
    """With whom the application stands in a circle."""
    if len(circle) == 1:
        yield "it depends on itself, which counts for nothing"
    elif circle:
        names = ", ".join(_shown(record.app, one) for one in circle)
        yield f"these depend on each other, so none of them waits for another: {names}"


def _left(missing: _Missing) -> float:
    return missing.since + ASK_AFTER - now()


def _shown(app: Application, other: AppId) -> str:
    return other.name if other.namespace == app.metadata.namespace else other.qualified


def _unknown(app: Application, waits: list[tuple[Dependency, str]]) -> Iterator[str]:
    """Those that are not there, or not to be depended on."""
    for one, why in waits:
        if why == UNKNOWN:
            yield f"{_shown(app, one.app)} is depended on: {UNKNOWN}"


def _waiting(waits: list[tuple[Dependency, str]], texts: list[str]) -> Waiting:
    objects = tuple(
        Awaited(
            group="argoproj.io",
            kind="Application",
            namespace=one.app.namespace,
            name=one.app.name,
            what="readiness",
            by=Hindrance(kind="Application", name=one.app.name, message=why),
        )
        for one, why in waits
    )
    named = objects[:MAX_AWAITED]
    return Waiting(
        reason="dependencies", message="; ".join(texts), objects=named, more=len(objects) - len(named)
    )
