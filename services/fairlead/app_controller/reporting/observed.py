"""When a status was last brought up to date, where its operation's end is written with it.

Why: who judges an Application (notifications, others' tools) must not take how things were before an
operation for what it led to, and so waits for a status that is no older than its end (contract 16.5).
Invariant: pure; the time of the last refresh is not touched.
"""

from __future__ import annotations

import msgspec

from fairlead.model.status import ApplicationStatus
from fairlead.model.sync import OperationState
from fairlead.model.times import parsed


def observed(status: ApplicationStatus, ended: OperationState) -> ApplicationStatus:
    """The status as one of the moment in which the operation ended."""
    end = parsed(ended.finished_at)
    seen = [parsed(stamp) for stamp in (status.reconciled_at, status.observed_at)]
    if end is None or any(moment is not None and moment >= end for moment in seen):
        return status
    return msgspec.structs.replace(status, observed_at=ended.finished_at)
