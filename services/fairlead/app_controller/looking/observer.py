"""Keeps what an observing controller found of each application, for whoever asks over HTTP or scrapes.

Invariant: nothing of it is written to any cluster; a process that starts anew finds it out again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import msgspec

from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.comparing.explain import explanations
from fairlead.app_controller.looking.differing import Ours, named, observed, suspects
from fairlead.app_controller.looking.facts import (
    Facts,
    Leaving,
    NoFacts,
    Refused,
    Unread,
    Unreadable,
    Waiting,
)
from fairlead.app_controller.looking.verdict import Verdict
from fairlead.metrics import header, labelled
from fairlead.model.application import AppId
from fairlead.model.explanation import Explanation
from fairlead.model.observed import Observed, ObservedApplication, Outcome

MAX_EXPLAINED, MAX_FIELDS = 20, 10
"""Objects of one application that are explained, and fields of each."""
AWAITED = "it was not rendered and compared yet"
_VERDICTS = header("fairlead_observed_applications", "gauge", "Applications by how our verdict compares")
_DIFFERING = header("fairlead_observed_difference", "gauge", "1 for each application whose verdict differs")


class Observer:
    """The verdicts of this process. `hidden` are annotations whose values are not to be shown."""

    def __init__(self, book: Book, *, hidden: Callable[[], tuple[str, ...]]) -> None:
        self._book = book
        self._hidden = hidden
        self._ours: dict[AppId, Ours | str] = {}

    async def judged(self, record: Record, facts: Facts, verdict: Verdict) -> None:
        """An application was compared, or it is known why not."""
        comparison, explained = verdict.comparison, {}
        by_key = comparison.by_key
        for key in suspects(record.app, comparison)[:MAX_EXPLAINED]:
            found = await explanations(facts.subject, by_key[key], self._hidden(), may_ask=False)
            explained[key] = tuple(map(_without_values, found[:MAX_FIELDS]))
        self._ours[record.id] = facts.problem or Ours(verdict.status, comparison, explained)

    def without_facts(self, record: Record, found: NoFacts) -> None:
        """There is nothing to compare, in these words; while it is only awaited, what was known stands."""
        words = _words(found)
        if words:
            self._ours[record.id] = words

    def failed(self, record: Record, words: str) -> None:
        """A look ended in what nobody expected."""
        self._ours[record.id] = words

    def forget(self, app_id: AppId) -> None:
        """The application is gone."""
        self._ours.pop(app_id, None)

    def told(self) -> Observed:
        """All of it, sorted."""
        found = sorted(map(self._one, self._book), key=lambda one: (one.namespace, one.name))
        return Observed(applications=tuple(found), awaited=sum(one.reason == AWAITED for one in found))

    def body(self) -> bytes:
        """The same as JSON."""
        return msgspec.json.encode(self.told())

    def lines(self) -> Iterator[bytes]:
        """A scrape's part: how many of each outcome, and which differ."""
        found = self.told().applications
        counts = Counter(one.outcome for one in found)
        yield _VERDICTS
        for outcome in Outcome:
            line = labelled(outcome=outcome.value)
            yield f"fairlead_observed_applications{line} {counts[outcome]}\n".encode()
        yield _DIFFERING
        for one in found:
            if one.outcome is Outcome.DIFFERS:
                line = labelled(namespace=one.namespace, name=one.name, ours=one.ours, theirs=one.theirs)
                yield f"fairlead_observed_difference{line} 1\n".encode()

    def _one(self, record: Record) -> ObservedApplication:
        ours = self._ours.get(record.id, AWAITED)
        return named(record.app, ours) if isinstance(ours, str) else observed(record.app, ours)


def _without_values(field: Explanation) -> Explanation:
    """Whoever reaches the port may read this, so it names fields and says nothing of what is in them."""
    return msgspec.structs.replace(field, desired="", live="")


def _words(found: NoFacts) -> str:
    match found:
        case Unreadable(problem):
            return problem
        case Refused(remarks):
            return "; ".join(remark.message for remark in remarks)
        case Unread(remark):
            return remark.message
        case Leaving():
            return "the Application is being deleted"
        case Waiting(is_skipped=True):
            return "it is not compared: skip-reconcile says so, or its cluster's does"
        case _:
            return ""
