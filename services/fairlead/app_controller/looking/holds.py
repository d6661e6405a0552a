"""What keeps an application from being synced: its project's windows, pauses, and what it depends on.
What it is pinned to keeps it from nothing, and is said beside them.

Invariant: pure but for the clock; an operation that has begun an attempt goes on with it whatever begins
meanwhile, and only a window holds it then.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from fairlead.app_controller.book import Record
from fairlead.app_controller.comparing.item import Comparison
from fairlead.app_controller.comparing.validate import Checks
from fairlead.app_controller.destination.cluster import Cluster
from fairlead.app_controller.looking.dependencies import NOTHING, Found
from fairlead.app_controller.reporting.depends import waits_text, with_dependencies
from fairlead.app_controller.reporting.pausing import tell_pauses, with_pauses
from fairlead.app_controller.reporting.pinning import tell_pin, with_pin
from fairlead.app_controller.reporting.tell import Teller
from fairlead.app_controller.syncing.operation import current_state, is_new, may_be_held, until_retry
from fairlead.matching.pauses import last_end, seconds_left, words
from fairlead.matching.pins import pin_of
from fairlead.model.application import Application
from fairlead.model.status import ApplicationStatus
from fairlead.model.sync import Operation
from fairlead.model.times import parsed
from fairlead.rpc.waiting import Paused, Pinned, Waiting
from fairlead.sync.messages import blocked_by_window

MARGIN = 0.05
"""Seconds after the end of a pause at which it is surely over."""


class Block(NamedTuple):
    """Why an operation may not go on now, and the same in fields; for a window there are none."""

    text: str
    awaits: Waiting | None = None


class Holds(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in one look; `has_window` says that the windows let the application sync itself."""

    depends: Found = NOTHING
    pauses: tuple[Paused, ...] = ()
    has_window: bool = True
    pin: Pinned | None = None

    @property
    def may_sync(self) -> bool:
        """Whether a window and no pause let it sync or heal itself."""
        return self.has_window and not self.pauses

    @property
    def is_ready(self) -> bool:
        """Whether all that it depends on is."""
        return not self.depends.text

    def seconds_left(self) -> float | None:
        """Seconds until a pause or a pin is over, None while none is to end."""
        moment = datetime.now(UTC)
        left = seconds_left(self.pauses, moment)
        end = parsed(self.pin.until) if self.pin is not None else None
        if end is not None:
            pinned = max(0.0, (end - moment).total_seconds())
            left = pinned if left is None else min(left, pinned)
        return None if left is None else left + MARGIN

    def said_in(self, status: ApplicationStatus, *, is_waiting: bool) -> ApplicationStatus:
        """The status with what holds; dependencies where they are what is waited for."""
        status = with_dependencies(status, self.depends.remarks, self.depends.text if is_waiting else "")
        return with_pin(with_pauses(status, self.pauses), self.pin)

    async def tell(self, teller: Teller, record: Record, comparison: Comparison, *, reverts: bool) -> None:
        """What began or ended since the status was written; `reverts`: what differs is synced."""
        await tell_pauses(teller, record, comparison, self.pauses, reverts=reverts)
        await tell_pin(teller, record, self.pin)

    def block(self, app: Application, operation: Operation) -> Block | None:
        """What keeps an operation from beginning an attempt; None for nothing, and once it has."""
        automated = operation.initiated_by is not None and operation.initiated_by.automated
        held = [one for one in self.pauses if automated or one.frozen]
        if held and not _is_at_work(app, operation):
            text = f"waiting for the end of a pause: {words(held)}"
            return Block(text, Waiting(reason="pause", until=last_end(held), message=text))
        if self.depends.waiting is not None and may_be_held(app, operation):
            return Block(waits_text(self.depends.text), self.depends.waiting)
        return None


def holds_of(checks: Checks, app: Application, cluster: Cluster, depends: Found) -> Holds:
    """What holds the application at this moment."""
    window = checks.window(app, cluster, manual=False)
    pauses = checks.pauses(app, cluster)
    return Holds(depends=depends, pauses=pauses, has_window=window.allowed, pin=pin_of(app))


def blocked(
    checks: Checks, app: Application, cluster: Cluster, operation: Operation, holds: Holds
) -> Block | None:
    """Why an operation may not go on now, or None."""
    automated = operation.initiated_by is not None and operation.initiated_by.automated
    started = parsed(current_state(app, operation).started_at)
    decision = checks.window(app, cluster, manual=not automated, started_at=started)
    if not decision.allowed:
        return Block(blocked_by_window(decision.error))
    return holds.block(app, operation)


def _is_at_work(app: Application, operation: Operation) -> bool:
    """Whether an attempt is under way: it knows what it deploys, and no other one is announced."""
    state = current_state(app, operation)
    return not is_new(app, state) and state.sync_result is not None and until_retry(state) is None
