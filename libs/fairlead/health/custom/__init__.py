"""The catalogue: how custom kinds that people run are judged, by the conditions their projects document.

A table for each domain stands beside this file; what none of them knows, `argocd-cm` may judge by a script.
Invariant: an exact group comes before one that holds `*`, and in a group a kind before `*`.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache
from typing import Final

from fairlead.health.custom import (
    certificates,
    clouds,
    clusters,
    databases,
    delivery,
    networks,
    observability,
    policies,
    secrets,
    storage,
    streams,
    workloads,
)
from fairlead.health.judge import Judge

TABLES: Final = (
    certificates.TABLE,
    clouds.TABLE,
    clusters.TABLE,
    databases.TABLE,
    delivery.TABLE,
    networks.TABLE,
    observability.TABLE,
    policies.TABLE,
    secrets.TABLE,
    storage.TABLE,
    streams.TABLE,
    workloads.TABLE,
)

KINDS: Final[dict[tuple[str, str], Judge]] = {
    (group, kind): judge
    for table in TABLES
    for group, kinds in table.items()
    for names, judge in kinds.items()
    for kind in names.split()
}
"""By group, which may hold `*`, and kind; the kind `*` stands for all that are not named."""

GLOBS: Final = tuple(sorted({group for group, _ in KINDS if "*" in group}))


@cache
def judge_of(group: str, kind: str) -> Judge | None:
    """How a kind is judged; None for one that is not known."""
    for among in (group, *(glob for glob in GLOBS if fnmatchcase(group, glob))):
        for name in (kind, "*"):
            if (judge := KINDS.get((among, name))) is not None:
                return judge
    return None
