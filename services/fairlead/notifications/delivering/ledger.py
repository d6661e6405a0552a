"""What is known of an application's messages beside its annotation: under way, given up, to be written.

Invariant: of one key at most one message is under way; one that was sent counts as sent from that moment, as
long as this process lives, whether its annotation was written or not.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

import msgspec

from fairlead.notices.judging.memory import trimmed
from fairlead.notifications.following.applications import Followed

GIVEN_UP_FOR = 3600.0
"""Seconds after which a message that could not be delivered is tried again, if it is due still."""


class Page(msgspec.Struct, kw_only=True, eq=False):
    """One application's. `changes` are what its annotation is yet to say, None for what it is to forget."""

    under_way: set[str] = msgspec.field(default_factory=set)
    given_up: dict[str, tuple[float, str]] = msgspec.field(default_factory=dict)
    changes: dict[str, int | None] = msgspec.field(default_factory=dict)
    in_force: dict[str, frozenset[str]] = msgspec.field(default_factory=dict)
    judged: tuple[str, str, tuple[str, ...]] | None = None
    """Versions of the Application and its project, and the digests of the configurations, that nothing is
    left of to be judged."""


class Ledger:
    """The pages by uid."""

    def __init__(self) -> None:
        self._pages: dict[str, Page] = {}

    def page(self, app: Followed) -> Page:
        """The application's."""
        return self._pages.setdefault(app.uid, Page())

    def close(self, app: Followed) -> None:
        """It is gone."""
        self._pages.pop(app.uid, None)

    def clear(self) -> None:
        """Another replica leads: what it did stands in the annotations."""
        self._pages.clear()

    def is_settled(self, app: Followed) -> bool:
        """Whether the application was judged as it is."""
        page = self._pages.get(app.uid)
        if page is None or page.judged is None or self.is_overdue(page):
            return False
        return page.judged[0] == app.version

    @staticmethod
    def is_overdue(page: Page) -> bool:
        """Whether something that was given up may be tried again."""
        now = time.monotonic()
        return any(until <= now for until, _ in page.given_up.values())

    def doubt(self, app: Followed) -> None:
        """The application is to be judged again though it is as it was."""
        self.page(app).judged = None

    def is_remembered(self, app: Followed, key: str, digest: str) -> bool:
        """Whether nothing is to be sent for a key, by a configuration of that digest."""
        page = self.page(app)
        if key in page.under_way:
            return True
        given_up = page.given_up.get(key)
        if given_up is not None:
            until, by = given_up
            if by == digest and time.monotonic() < until:
                return True
            del page.given_up[key]
        return self.remembers(app, key)

    def remembers(self, app: Followed, key: str) -> bool:
        """Whether it was sent."""
        page = self.page(app)
        if key in page.changes:
            return page.changes[key] is not None
        return key in app.memory

    def sent(self, app: Followed, key: str, *, stays: bool, now: float | None = None) -> bool:
        """A message arrived; whether its annotation is to be written. One whose condition is over meanwhile
        is not remembered, unless it `stays`."""
        page = self.page(app)
        page.under_way.discard(key)
        if not stays and not any(key in keys for keys in page.in_force.values()):
            return False
        page.changes[key] = int(time.time() if now is None else now)
        return True

    def failed(self, app: Followed, key: str, digest: str) -> None:
        """A message will not arrive."""
        page = self.page(app)
        page.under_way.discard(key)
        page.given_up[key] = time.monotonic() + GIVEN_UP_FOR, digest

    def forget(self, app: Followed, keys: frozenset[str]) -> bool:
        """Conditions are over; whether the annotation is to be written."""
        page = self.page(app)
        for key in keys:
            page.given_up.pop(key, None)
            if key in app.memory:
                page.changes[key] = None
            else:
                page.changes.pop(key, None)
        return bool(page.changes)

    def wanted(self, app: Followed) -> tuple[dict[str, int], dict[str, int | None]]:
        """What the annotation is to say, and the changes that this holds."""
        page = self.page(app)
        changes = dict(page.changes)
        found = laid_over(app.memory, changes)
        in_force = {key for keys in page.in_force.values() for key in keys}
        return trimmed(found, in_force), changes

    def written(self, app: Followed, changes: Mapping[str, int | None]) -> bool:
        """The annotation says these; whether there are others yet."""
        page = self.page(app)
        for key, at in changes.items():
            if page.changes.get(key, 0) == at:
                page.changes.pop(key, None)
        return bool(page.changes)


def laid_over(memory: Mapping[str, int], changes: Mapping[str, int | None]) -> dict[str, int]:
    """A memory with changes."""
    found = {key: at for key, at in memory.items() if key not in changes}
    return found | {key: at for key, at in changes.items() if at is not None}
