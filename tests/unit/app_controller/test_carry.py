"""What nobody expected of one object is said of it, and touches no other."""

from __future__ import annotations

from typing import cast

import msgspec
import pytest
from structlog.testing import capture_logs

from fairlead.app_controller.destination.clusters import Cluster
from fairlead.app_controller.syncing import carry
from fairlead.app_controller.syncing.carry import Carrier
from fairlead.kube.errors import Cause, ConflictError, KubeError, NotFoundError, UnavailableError
from fairlead.kube.resource import Resource
from fairlead.kube.writer import ClusterWriter
from fairlead.model.sync import Operation, SyncOperation
from fairlead.render.jq import Jq
from fairlead.sync.plan import Plan, Wanted, build_plan
from tests.unit.app_controller.compared import FakeCluster
from tests.unit.sync.cluster import STARTED, desired, thing

AWAY, BACK = "etcdserver: request timed out", "there is no such thing"


BUSY = UnavailableError(AWAY, status=503, retry_after=0.01)
WRITTEN = ConflictError(AWAY, status=409, retry_after=0.01)
OWNED = ConflictError(AWAY, status=409, causes=(Cause(reason="FieldManagerConflict"),))


class AwayForAWhile(FakeCluster):
    """A cluster whose first answers are that it cannot do it just now."""

    def __init__(self, times: int, refusal: KubeError = BUSY) -> None:
        super().__init__()
        self.left = times
        self.refusal = refusal
        self.asked = 0
        self.discovery.resource_for = self.resource_for  # type: ignore[method-assign]

    def resource_for(self, *_: str) -> Resource | None:
        self.asked += 1
        self.left -= 1
        if self.left >= 0:
            raise self.refusal
        raise NotFoundError(BACK, status=404)


def _tried(cluster: FakeCluster, *, patience: float) -> tuple[Carrier, Plan]:
    operation = Operation(sync=SyncOperation(dry_run=True))
    objects = desired(thing("ConfigMap", "one"), thing("ConfigMap", "two"))
    plan = build_plan(Wanted(operation=operation, desired=objects, live={}, started_at=STARTED))
    no_writer, no_jq, known = cast(ClusterWriter, None), cast(Jq, None), cast(Cluster, cluster)
    return Carrier("app", known, no_writer, plan, rules={}, jq=no_jq, parallel=4, patience=patience), plan


@pytest.mark.parametrize("refusal", [BUSY, WRITTEN])
async def test_an_object_is_tried_again_while_its_server_refuses_it_for_a_moment(refusal: KubeError) -> None:
    """A failed attempt is repeated only after ten seconds and more."""
    cluster = AwayForAWhile(5, refusal)
    carrier, plan = _tried(cluster, patience=60.0)
    outcomes = await carrier.try_out(plan.tasks)
    assert cluster.asked == 7
    assert [item.message for item in outcomes] == [BACK, BACK]


async def test_an_object_of_which_others_own_a_field_is_not_tried_again() -> None:
    cluster = AwayForAWhile(1_000_000, OWNED)
    carrier, plan = _tried(cluster, patience=60.0)
    outcomes = await carrier.try_out(plan.tasks)
    assert cluster.asked == len(plan.tasks)
    assert [item.message for item in outcomes] == [AWAY, AWAY]


async def test_all_objects_of_an_evaluation_share_the_time_for_a_server_that_stays_away() -> None:
    cluster = AwayForAWhile(1_000_000)
    carrier, plan = _tried(cluster, patience=0.05)
    outcomes = await carrier.try_out(plan.tasks)
    asked = cluster.asked
    assert [item.message for item in outcomes] == [AWAY, AWAY]
    await carrier.try_out(plan.tasks)
    assert cluster.asked == asked + len(plan.tasks)


async def test_an_unexpected_error_fails_its_own_task() -> None:
    carrier, plan = _tried(FakeCluster(), patience=60.0)
    with capture_logs() as logs:
        outcomes = await carrier.try_out(plan.tasks)
    told = [line for line in logs if line["event"] == "sync.object.failed"]
    assert {line["app"] for line in told} == {"app"}
    assert all(line["reason"].startswith("AttributeError: ") for line in told)
    assert len(told) == 2
    assert [(item.name, item.status) for item in outcomes] == [("one", "SyncFailed"), ("two", "SyncFailed")]
    assert all(item.message.startswith("AttributeError: ") for item in outcomes)


async def test_a_prune_that_met_another_object_of_the_name_is_not_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The uid that was judged will not be the other's, however long one waits."""
    asked: list[str | None] = []

    async def delete(*_: object, uid: str | None = None, **__: object) -> bool:
        asked.append(uid)
        raise ConflictError("the UID in the precondition does not match", status=409, retry_after=0.01)

    monkeypatch.setattr(carry, "delete", delete)
    carrier, plan = _tried(FakeCluster(), patience=60.0)
    [task, _] = plan.tasks
    other = msgspec.structs.replace(task, live={**thing("ConfigMap", "one"), "metadata": {"uid": "u"}})
    result = await carrier._tried(other, carrier._prune)
    assert asked == ["u"]
    assert "does not match" in result.message
