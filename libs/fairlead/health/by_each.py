"""Judging an object by the statuses that several others gave it: a route by its gateways, say.

Invariant: the worst of them counts; while nobody has said anything the object is progressing.
"""

from __future__ import annotations

from typing import NamedTuple

from fairlead.health.by_conditions import ByConditions
from fairlead.health.judge import Path
from fairlead.health.status import Health, is_worse, progressing
from fairlead.manifest.fields import Manifest, integer_at, maps_at


class ByEach(NamedTuple):
    """Where the list of statuses is, and how the `conditions` of each are judged; `bare` is said of an object
    that nobody has looked at yet."""

    path: Path
    each: ByConditions
    bare: str

    def assess(self, obj: Manifest) -> Health:
        """Judge one object."""
        generation = integer_at(obj, "metadata", "generation")
        worst: Health | None = None
        for status in maps_at(obj, *self.path):
            found = self.each.judge(maps_at(status, "conditions"), generation)
            if worst is None or is_worse(found.status, worst.status):
                worst = found
        return worst or progressing(self.bare)
