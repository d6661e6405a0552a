"""A status that is written with an operation's end says that it is of that moment."""

import pytest

from fairlead.app_controller.reporting.observed import observed
from fairlead.model.metadata import Time
from fairlead.model.status import ApplicationStatus
from fairlead.model.sync import Operation, OperationPhase, OperationState

BEFORE, END, AFTER = (Time(f"2026-01-01T00:00:0{second}Z") for second in (1, 2, 3))


@pytest.mark.parametrize(
    ("reconciled", "observed_before", "expected"),
    [
        (None, None, END),
        (BEFORE, None, END),
        (BEFORE, BEFORE, END),
        (END, None, None),
        (AFTER, BEFORE, BEFORE),
        (BEFORE, AFTER, AFTER),
    ],
)
def test_a_status_is_as_new_as_the_operation_it_is_written_with(
    reconciled: Time | None, observed_before: Time | None, expected: Time | None
) -> None:
    status = ApplicationStatus(reconciled_at=reconciled, observed_at=observed_before)
    ended = OperationState(
        operation=Operation(), phase=OperationPhase.FAILED, started_at=BEFORE, finished_at=END
    )
    found = observed(status, ended)
    assert (found.observed_at, found.reconciled_at) == (expected, reconciled)
