"""Judging a workload by how many of its replicas are as they should be.

Invariant: a number that is not there is zero, but for that of the replicas wanted.
"""

from __future__ import annotations

from typing import NamedTuple

from fairlead.health.conditions import condition_of, is_true
from fairlead.health.judge import SUSPENDED, UNSEEN, Path, is_held, is_outdated
from fairlead.health.status import Health, degraded, healthy, progressing, suspended
from fairlead.manifest.fields import Manifest, integer_at, text_at


class ByCount(NamedTuple):
    """How many are `wanted` (`unset` where that is not said) and the counts that are to reach it.

    `failed` are conditions that tell of a failure by being True; `held_by` are flags that hold it.
    """

    wanted: Path = ("spec", "replicas")
    unset: int = 1
    counts: tuple[Path, ...] = (("status", "readyReplicas"),)
    failed: tuple[str, ...] = ()
    held_by: tuple[Path, ...] = ()

    def assess(self, obj: Manifest) -> Health:
        """Judge one object."""
        if is_held(obj, self.held_by):
            return suspended(SUSPENDED)
        if is_outdated(obj):
            return progressing(UNSEEN)
        for name in self.failed:
            if is_true(found := condition_of(obj, name)):
                return degraded(text_at(found, "message") or text_at(found, "reason"))
        wanted = integer_at(obj, *self.wanted, default=self.unset)
        for path in self.counts:
            if (count := integer_at(obj, *path)) < wanted:
                return progressing(f"Waiting for {path[-1]}: {count} of {wanted}")
        return healthy()
