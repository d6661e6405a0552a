"""The comparison of one application as state: a line for each object, with the grounds of its verdict.

Live changes mark the keys they are about; a look then goes over those, over the lines that nobody marks for
(what is wanted and carries no mark of the application), and over what is to be found out again. It goes over
all when what all lines stand on has changed, and now and then, so that a mark that was missed is no loss.

Invariant: fed with all changes, it says what a comparison from nothing says; a verdict is used again only on
equal grounds.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from fairlead.app_controller.comparing.copies import copy_remarks
from fairlead.app_controller.comparing.grounds import Grounds, Kind, Kinds, Terms
from fairlead.app_controller.comparing.item import Comparison, Item, Remark, Subject
from fairlead.app_controller.comparing.totals import Totals, is_odd
from fairlead.health import Assessed, Code, Health, aggregate
from fairlead.kube.live_index import LiveChange
from fairlead.kube.live_object import LiveObject
from fairlead.kube.live_state import LiveState
from fairlead.manifest.identity import GroupKind, ResourceKey
from fairlead.manifest.prepare import Prepared
from fairlead.model.status import ConditionType, SyncCode

WHOLE_EVERY = 600.0
"""Seconds after which a look goes over all lines, whatever was marked. It costs microseconds a line."""
MOST_UNJUDGED = 5
"""Objects named in conditions because their health script failed."""
now = time.monotonic


class Line(NamedTuple):
    """One object: what its verdict depends on, and the verdict."""

    grounds: Grounds
    item: Item


class Footing(NamedTuple):
    """What all lines stand on alike; `prepared` and `live` are the very same or others."""

    terms: Terms
    prepared: Prepared | None
    live: LiveState

    @classmethod
    def of(cls, subject: Subject) -> Footing:
        """What a comparison of this subject stands on."""
        return cls(subject.terms, subject.prepared, subject.cluster.live)

    def is_like(self, other: Footing | None) -> bool:
        """Whether lines on the one are lines on the other."""
        if other is None or self.prepared is not other.prepared or self.live is not other.live:
            return False
        return self.terms == other.terms


class Findings(NamedTuple):
    """What one comparison found: lines of objects that are wanted or (`extra`) only there, and keys that have
    none. A whole one replaces everything that was known. `left_out` are objects that are wanted and not
    followed, of which `remarks` tell.
    """

    lines: dict[ResourceKey, Line]
    extra: set[ResourceKey]
    gone: set[ResourceKey]
    is_whole: bool
    remarks: tuple[Remark, ...]
    left_out: frozenset[ResourceKey]
    kinds: dict[tuple[GroupKind, str], Kind]


class Ledger:
    """What is known of one application's objects; only its comparison changes it, and who marks keys.

    `changes` grows with each line that comes to say something else.
    """

    def __init__(self) -> None:
        self.remarks: tuple[Remark, ...] = ()
        self.left_out: frozenset[ResourceKey] = frozenset()
        self._footing: Footing | None = None
        self._kinds: dict[tuple[GroupKind, str], Kind] = {}
        self._wanted: dict[ResourceKey, Line] = {}
        self._extra: dict[ResourceKey, Line] = {}
        self._marked: set[ResourceKey] = set()
        self._loose: set[ResourceKey] = set()
        self._open: set[ResourceKey] = set()
        self._odd: set[ResourceKey] = set()
        self._totals = Totals()
        self._comparison: Comparison | None = None
        self._gone_over = 0.0
        self.changes = 0

    def __len__(self) -> int:
        return len(self._wanted) + len(self._extra)

    def line(self, key: ResourceKey) -> Line | None:
        """The object's line, if there is one."""
        return self._wanted.get(key) or self._extra.get(key)

    def mark(self, key: ResourceKey) -> None:
        """The object may be another than its line says."""
        self._marked.add(key)

    def mark_change(self, change: LiveChange) -> None:
        """A change of an object that carries the application's mark, or carried it."""
        if change.new is None or not change.new.owner_uids or self.line(change.key) is not None:
            self._marked.add(change.key)

    def terms(self, terms: Terms) -> Terms:
        """The terms, as the very object that is known when it is equal, so that grounds compare quickly."""
        known = self._footing.terms if self._footing is not None else None
        return known if known is not None and known == terms else terms

    def due(self, footing: Footing, kinds: Kinds) -> frozenset[ResourceKey] | None:
        """The keys that are to be looked at; None for all."""
        if not footing.is_like(self._footing) or now() - self._gone_over > WHOLE_EVERY:
            return None
        if any(kinds.of(*kind) != known for kind, known in self._kinds.items()):
            return None
        seen = (*self._marked, *self._loose)
        return frozenset((*self._open, *(key for key in seen if self._has_moved(key, footing.live))))

    def holds(self, subject: Subject) -> bool:
        """Whether a comparison now would find nothing to look at."""
        due = self.due(Footing.of(subject), Kinds(subject.cluster))
        return due is not None and not due

    def for_reading(self, subject: Subject) -> Ledger:
        """For somebody who asks in between: one by which a comparison changes nothing here."""
        return self if self.holds(subject) else self.copy()

    @property
    def is_blank(self) -> bool:
        """Whether nothing was compared yet."""
        return self._footing is None

    @property
    def is_settled(self) -> bool:
        """Whether nothing that was found is to be found out again."""
        return self._footing is not None and not self._open

    def is_of(self, prepared: Prepared | None) -> bool:
        """Whether this is what was compared last."""
        return self._footing is not None and self._footing.prepared is prepared

    @property
    def known_terms(self) -> Terms | None:
        """On which terms it was compared."""
        return self._footing.terms if self._footing is not None else None

    @property
    def wanted(self) -> Mapping[ResourceKey, Line]:
        """The lines of what is wanted, in its order."""
        return self._wanted

    @property
    def extra(self) -> Mapping[ResourceKey, Line]:
        """The lines of what is only there."""
        return self._extra

    @property
    def kinds(self) -> Mapping[tuple[GroupKind, str], Kind]:
        """What was known of the kinds of all, those that are left out included."""
        return self._kinds

    def take_marks(self) -> set[ResourceKey]:
        """What is marked until now; what is marked from now on is the next comparison's."""
        taken, self._marked = self._marked, set()
        return taken

    def give_back(self, marks: set[ResourceKey]) -> None:
        """What was taken was not looked at after all."""
        self._marked |= marks

    def keep(self, footing: Footing, found: Findings) -> None:
        """What a comparison found is what is known from now on."""
        if self._footing is None or footing.prepared is not self._footing.prepared:
            self._comparison = None
        if found.remarks != self.remarks:
            self._comparison = None
        self.remarks, self.left_out = found.remarks, found.left_out
        if found.is_whole:
            self._gone_over, self._kinds = now(), {}
            for key in [key for key in (*self._wanted, *self._extra) if key not in found.lines]:
                self._drop(key)
            before, self._wanted, self._extra = self._wanted | self._extra, {}, {}
            for key, line in found.lines.items():
                self._put(key, line, before.get(key), is_extra=key in found.extra)
        else:
            for key in found.gone:
                self._drop(key)
            for key, line in found.lines.items():
                self._put(key, line, self.line(key), is_extra=key in found.extra)
        self._kinds |= found.kinds
        self._footing = footing._replace(terms=self.terms(footing.terms))

    def comparison(self) -> Comparison:
        """All that was found; the very same value while no line changes."""
        if self._comparison is None:
            self._comparison = self._summed_up()
        return self._comparison

    def copy(self) -> Ledger:
        """Another one that knows the same."""
        other = Ledger()
        other.remarks, other.left_out, other._footing = self.remarks, self.left_out, self._footing
        other._wanted, other._extra, other._kinds = dict(self._wanted), dict(self._extra), dict(self._kinds)
        other._marked, other._loose = set(self._marked), set(self._loose)
        other._open, other._odd = set(self._open), set(self._odd)
        other._totals, other._comparison = self._totals.copy(), self._comparison
        other._gone_over = self._gone_over
        return other

    def _has_moved(self, key: ResourceKey, live: LiveState) -> bool:
        """Whether an object is another than its line says."""
        line, found = self.line(key), live.get(key)
        return found is not None if line is None else not is_at(line.grounds, found)

    def _put(self, key: ResourceKey, line: Line, before: Line | None, *, is_extra: bool) -> None:
        (self._extra if is_extra else self._wanted)[key] = line
        if before is not None and before.item is line.item:
            return
        if before is None or before.item.is_open or before.grounds != line.grounds:
            self.changes += 1
        self._comparison = None
        self._totals.replace(before.item if before is not None else None, line.item)
        grounds, item = line
        _note(self._loose, key, is_in=not is_extra and grounds.owner != grounds.terms.instance)
        _note(self._open, key, is_in=item.is_open)
        _note(self._odd, key, is_in=is_odd(item) or bool(grounds.kind.doubt))

    def _drop(self, key: ResourceKey) -> None:
        line = self._wanted.pop(key, None) or self._extra.pop(key, None)
        if line is None:
            return
        self._comparison = None
        self.changes += 1
        self._totals.replace(line.item, None)
        for keys in (self._loose, self._open, self._odd):
            keys.discard(key)

    def _summed_up(self) -> Comparison:
        odd = self._odd_lines()
        items = [line.item for line in odd]
        problems = [Remark(ConditionType.COMPARISON_ERROR, item.problem) for item in items if item.problem]
        unread = dict.fromkeys((line.item.key.group_kind, line.grounds.kind.doubt) for line in odd)
        doubts = [
            Remark(
                ConditionType.COMPARISON_ERROR,
                f"Failed to load live state: objects of kind {kind} cannot be read: {doubt}",
            )
            for kind, doubt in unread
            if doubt
        ]
        found = [*self.remarks, *problems, *self._shared(items), *copy_remarks(items)]
        failed = any(remark.type == ConditionType.COMPARISON_ERROR for remark in (*found, *doubts))
        extra = sorted(self._extra, key=str)
        return Comparison(
            items=(
                *(line.item for line in self._wanted.values()),
                *(self._extra[key].item for key in extra),
            ),
            code=SyncCode.UNKNOWN if failed else self._totals.code,
            health=self._health(items),
            remarks=tuple(dict.fromkeys(found)),
            unread=tuple(doubts),
            unjudged=tuple(
                Remark(ConditionType.COMPARISON_ERROR, f"error setting app health: {item.key}: {text}")
                for item in items
                if (text := item.health_problem)
            )[:MOST_UNJUDGED],
            is_error=failed,
            shown=self._totals.shown(),
        )

    def _odd_lines(self) -> list[Line]:
        """The lines of which there is more to say, in the order of all."""
        if not self._odd:
            return []
        wanted = [line for key, line in self._wanted.items() if key in self._odd]
        return wanted + [self._extra[key] for key in sorted(self._odd & self._extra.keys(), key=str)]

    def _health(self, odd: Iterable[Item]) -> Health:
        """What is healthy, or has no health, makes no application worse."""
        if self._totals.expected and not self._totals.found:
            return Health(Code.MISSING)
        assessed = (
            Assessed(
                key=item.key, health=item.health, live=item.live is not None, ignored=item.ignored_health
            )
            for item in odd
            if item.takes_part
        )
        return aggregate(assessed, itself=self._itself)

    @property
    def _itself(self) -> ResourceKey | None:
        return self._footing.terms.itself if self._footing is not None else None

    def _shared(self, items: Iterable[Item]) -> Iterator[Remark]:
        itself = self._itself
        own = f"{itself.namespace}/{itself.name}" if itself is not None else ""
        for item in items:
            if item.other_owner and item.is_wanted:
                yield Remark(
                    ConditionType.SHARED_RESOURCE_WARNING,
                    f"{item.key.kind}/{item.key.name} is part of applications "
                    f"{own} and {item.other_owner.replace('_', '/', 1)}",
                )


def is_at(grounds: Grounds, live: LiveObject | None) -> bool:
    """Whether a live object, or that there is none, is what a verdict was given on. Some servers give no uid;
    an API version everything has that is there.
    """
    if live is None:
        return not grounds.spelling
    seen = live.uid, live.resource_version, live.version, live.instance or ""
    return seen == (grounds.uid, grounds.version, grounds.spelling, grounds.owner)


def _note(keys: set[ResourceKey], key: ResourceKey, *, is_in: bool) -> None:
    if is_in:
        keys.add(key)
    else:
        keys.discard(key)
