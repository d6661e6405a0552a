"""The phases of a sync and their order.

Invariant: SyncFail is no part of the order; it runs only once the others failed.
"""

from __future__ import annotations

from fairlead.model.sync import SyncPhase

ORDER = (SyncPhase.PRE_SYNC, SyncPhase.SYNC, SyncPhase.POST_SYNC, SyncPhase.SYNC_FAIL)
_RANK = {phase: rank for rank, phase in enumerate(ORDER)}


def rank_of(phase: SyncPhase) -> int:
    """A phase's place in a sync."""
    return _RANK[phase]
