"""What one look at an application leaves to the next one in this process.

Invariant: losing it costs time only; only the reconciler replaces it, with what stages of a look returned.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from fairlead.app_controller.comparing.item import Comparison, Remark
from fairlead.app_controller.following.asked import is_terminating
from fairlead.app_controller.looking.pace import Pace
from fairlead.app_controller.rendering.render import Render
from fairlead.model.application import Application


class Stated(NamedTuple):
    """What a status was made of that said what the Application says already, so that it need not be made."""

    app: Application
    render: Render
    comparison: Comparison
    beside: tuple[Remark, ...]

    def holds(self, app: Application, render: Render, comparison: Comparison, beside: object) -> bool:
        """Whether all that a status is made of is as it was."""
        known = self.comparison
        if self.app is not app or self.render is not render or self.beside != beside:
            return False
        return known is comparison or (known.shown is comparison.shown and known.said == comparison.said)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """Times are `time.monotonic()`, None where it is not so. `missed` are looks in a row that failed,
    `gave_way` operations in a row that ended for a newer commit. One that is to be `is_firm` takes nothing
    from what a process before this one remembered. `explained` names what was told to differ.
    """

    was_compared: bool = False
    pace: Pace = Pace()
    failing_since: float | None = None
    ending_since: float | None = None
    drifted_at: float | None = None
    missed: int = 0
    gave_way: int = 0
    stated: Stated | None = None
    is_firm: bool = False
    explained: str = ""

    def at(self, moment: float, app: Application, render: Render | None) -> Kept:
        """With how long what is seen now has been so: a render that fails, an operation that is to end."""
        is_failing = render is not None and render.failure is not None
        return msgspec.structs.replace(
            self,
            failing_since=_since(self.failing_since, moment, holds=is_failing),
            ending_since=_since(self.ending_since, moment, holds=is_terminating(app)),
        )


def _since(known: float | None, moment: float, *, holds: bool) -> float | None:
    if not holds:
        return None
    return moment if known is None else known
