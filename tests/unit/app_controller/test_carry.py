"""What nobody expected of one object is said of it, and touches no other."""

from __future__ import annotations

from typing import cast

from structlog.testing import capture_logs

from fairlead.app_controller.carry import Carrier
from fairlead.app_controller.clusters import Cluster
from fairlead.app_controller.jq import Jq
from fairlead.kube.writer import ClusterWriter
from fairlead.model.sync import Operation, SyncOperation
from fairlead.sync.plan import Wanted, build_plan
from tests.unit.app_controller.compared import FakeCluster
from tests.unit.sync.cluster import STARTED, desired, thing


async def test_an_unexpected_error_fails_its_own_task() -> None:
    operation = Operation(sync=SyncOperation(dry_run=True))
    objects = desired(thing("ConfigMap", "one"), thing("ConfigMap", "two"))
    plan = build_plan(Wanted(operation=operation, desired=objects, live={}, started_at=STARTED))
    no_writer, no_jq = cast(ClusterWriter, None), cast(Jq, None)
    carrier = Carrier("app", cast(Cluster, FakeCluster()), no_writer, plan, rules={}, jq=no_jq, parallel=4)
    with capture_logs() as logs:
        outcomes = await carrier.try_out(plan.tasks)
    told = [line for line in logs if line["event"] == "sync.object.failed"]
    assert {line["app"] for line in told} == {"app"}
    assert all(line["reason"].startswith("AttributeError: ") for line in told)
    assert len(told) == 2
    assert [(item.name, item.status) for item in outcomes] == [("one", "SyncFailed"), ("two", "SyncFailed")]
    assert all(item.message.startswith("AttributeError: ") for item in outcomes)
