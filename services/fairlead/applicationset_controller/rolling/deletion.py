"""Which Application of a set that is deleted goes next: one at a time, those of the last step first.

Invariant: pure; while one is on its way out no other is begun. Those that no step selects go last, with
their set (contract 4, deletionOrder).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from fairlead.applicationset_controller.applying.rollout import Deletions
from fairlead.applicationset_controller.following.child import Child
from fairlead.applicationset_controller.rolling.steps import NONE, step_of
from fairlead.model.applicationset import RolloutStep
from fairlead.model.times import parsed

CHECK: Final = 10.0
"""Seconds between looks at one that is on its way out."""
LONG: Final = 120.0
"""Seconds after which that is an error."""
LONGEST: Final = 300.0
"""Seconds between looks at last: they double from `CHECK` once it is an error."""


def next_deletion(steps: Sequence[RolloutStep], children: Mapping[str, Child], now: datetime) -> Deletions:
    """What goes next."""
    leaving = [child for child in children.values() if child.is_deleting]
    if leaving:
        return _waiting(leaving, now)
    ordered = sorted(
        (int(step), name)
        for name, child in children.items()
        if (step := step_of(steps, child.labels)) != NONE
    )
    if not ordered:
        return Deletions()
    last = ordered[-1][0]
    return Deletions(now=(next(name for step, name in ordered if step == last),), again=CHECK)


def _waiting(leaving: Sequence[Child], now: datetime) -> Deletions:
    passed, name = max((_passed(child, now), child.name) for child in leaving)
    if passed < LONG:
        return Deletions(again=CHECK)
    text = (
        f"Application {name} is still being deleted after {int(passed // 60)} minutes; "
        "those of earlier steps wait for it"
    )
    return Deletions(again=min(CHECK + passed - LONG, LONGEST), error=text)


def _passed(child: Child, now: datetime) -> float:
    begun = parsed(child.deletion_timestamp)
    return (now - begun).total_seconds() if begun is not None else 0.0
