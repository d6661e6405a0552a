"""Ways of being judged that kinds of several projects share, and the shape of the tables beside this file.

Invariant: a table says by whose documented conditions a kind is judged; what is common stands here.
"""

from __future__ import annotations

from typing import TypeAlias

from fairlead.health.by_conditions import ByConditions
from fairlead.health.judge import AtOnce, Judge
from fairlead.health.status import Code

Table: TypeAlias = dict[str, dict[str, Judge]]
"""By group, which may hold `*`, and by kinds with blanks between them; `*` are all the others of a group."""

OK, GOING, BAD, HELD, ODD = Code.HEALTHY, Code.PROGRESSING, Code.DEGRADED, Code.SUSPENDED, Code.UNKNOWN

READY = ByConditions()
"""Ready says whether it works."""
COMING = ByConditions(on_false=Code.PROGRESSING)
"""Ready is False while it is on its way."""
KSTATUS = ByConditions(
    working=("Reconciling",), failed=("Stalled", "Failed"), passing=("Progressing", "Pending")
)
"""The conditions that kstatus (cli-utils of Kubernetes) describes, for kinds whose own are not told."""
KSTATUS_IF_ANY = KSTATUS._replace(optional=True)
"""The same for all kinds of a group, of which some have no conditions."""
AVAILABLE = ByConditions(ready=("Available",), passing=("Progressing", "MinimumReplicasUnavailable"))
OPERATOR = ByConditions(ready=("Available",), failed=("Degraded",), working=("Progressing",))
"""The three conditions of OpenShift's operators."""
THERE = AtOnce()
