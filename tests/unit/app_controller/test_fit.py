"""A status that is too large is cut, and still says how the operation ended."""

from fairlead.app_controller.reporting.fit import OVERSIZED, fitted, is_cut
from fairlead.model.metadata import Time
from fairlead.model.status import ApplicationStatus, ResourceStatus, SyncCode
from fairlead.model.sync import (
    HookPhase,
    Operation,
    OperationPhase,
    OperationState,
    ResourceResult,
    ResultCode,
    SyncResult,
)


def large(count: int) -> ApplicationStatus:
    records = tuple(
        ResourceResult(
            group="",
            version="v1",
            kind="ConfigMap",
            name=f"object-{at}",
            namespace="work",
            message="configmap/x created" * 5,
            status=ResultCode.SYNC_FAILED if at == count - 1 else ResultCode.SYNCED,
            hook_phase=HookPhase.FAILED if at == count - 1 else HookPhase.RUNNING,
        )
        for at in range(count)
    )
    state = OperationState(
        phase=OperationPhase.FAILED,
        message="one or more objects failed to apply",
        operation=Operation(),
        started_at=Time("2026-01-01T00:00:00Z"),
        sync_result=SyncResult(revision="a" * 40, resources=records),
    )
    resources = tuple(
        ResourceStatus(
            kind="ConfigMap", name=f"object-{at}", namespace="work" * 20, version="v1", status=SyncCode.SYNCED
        )
        for at in range(count)
    )
    return ApplicationStatus(operation_state=state, resources=resources)


def test_a_status_that_fits_is_left_alone() -> None:
    status = large(100)
    assert fitted(status) is status
    assert not is_cut(status)


def test_a_large_status_keeps_the_phase_and_what_failed() -> None:
    status = fitted(large(9000), 300_000)
    state = status.operation_state
    assert state is not None
    assert (state.phase, state.message) == ("Failed", "one or more objects failed to apply")
    assert state.sync_result is not None
    assert [item.name for item in state.sync_result.resources][:1] == ["object-8999"]
    assert [item.message for item in status.conditions] == [OVERSIZED]
    assert is_cut(status)


def test_the_same_status_is_cut_the_same_way() -> None:
    assert fitted(large(9000), 300_000).resources == fitted(large(9000), 300_000).resources
