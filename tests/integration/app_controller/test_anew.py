"""An Application that is deleted and made anew under its name: nothing of the last one is written to it."""

import asyncio

import msgspec
import pytest

from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.following.applications import Applications
from fairlead.app_controller.reporting.status import StatusWriter
from fairlead.kube.collection import APPLICATIONS, CONFIG_MAPS, SECRETS
from fairlead.kube.errors import ConflictError
from fairlead.kube.writer import ClusterWriter
from fairlead.model.application import Application
from fairlead.model.status import Condition, SyncCode
from fairlead.model.sync import Operation, OperationPhase, OperationState, SyncOperation
from fairlead.sync.along import RESOURCES
from tests.integration.app_controller.lab import Lab, automated, conditions, config_map, is_synced
from tests.integration.app_controller.test_clusters import cluster_secret
from tests.unit.kube.objects import anything

REFRESH = "argocd.argoproj.io/refresh"


class _Silent:
    async def operation_completed(self, *_: object) -> None:
        pass

    async def transitions(self, *_: object) -> None:
        pass


async def anew(lab: Lab, name: str = "app") -> tuple[StatusWriter, Record, Application]:
    """A writer that believes in an Application, and the one that took its name since."""
    old = await lab.create_app(name)
    book = Book(lab.namespace)
    record = book.open(old)
    applications = Applications(lab.client, book, on_change=lambda _: None, on_gone=lambda _: None)
    writer = ClusterWriter(lab.client, fence=lambda: True, gate=anything)
    status = StatusWriter(writer, applications, _Silent())  # type: ignore[arg-type]
    await lab.client.delete(APPLICATIONS, name, lab.namespace)
    await lab.gone(name)
    new = await lab.create_app(name, annotations={REFRESH: "normal"})
    await lab.patch_app({"operation": {"sync": {"revision": "HEAD"}}}, name)
    return status, record, new


async def test_no_kind_of_write_reaches_the_application_that_took_the_name(lab: Lab) -> None:
    await lab.stop()
    status, record, new = await anew(lab)
    before = record.app.status
    sync = msgspec.structs.replace(before.sync, status=SyncCode.SYNCED, revision="c" * 40)
    state = OperationState(
        phase=OperationPhase.SUCCEEDED,
        started_at="2026-01-01T00:00:00Z",
        operation=Operation(sync=SyncOperation()),
    )
    synced = msgspec.structs.replace(before, sync=sync, operation_state=state)
    with pytest.raises(ConflictError):
        await status.write(record, synced)
    with pytest.raises(ConflictError):
        await status.write(record, synced, operation=None, ended=state)
    with pytest.raises(ConflictError):
        await status.write(record, synced, operation=Operation(sync=SyncOperation()), guarded=True)
    with pytest.raises(ConflictError):
        await status.patch_metadata(record, {"finalizers": ["example.com/none"]})
    with pytest.raises(ConflictError):
        await status.say(record, (Condition(type="InvalidSpecError", message="no"),))
    await status.clear_refresh(record, "")
    assert record.app.metadata.uid != new.metadata.uid
    found = await lab.app()
    assert found.metadata.uid == new.metadata.uid
    assert (found.status, found.metadata.finalizers) == (new.status, new.metadata.finalizers)
    assert found.metadata.annotations[REFRESH] == "normal"
    assert found.operation is not None


async def test_one_that_is_made_anew_again_and_again_is_deployed_each_time(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    for _ in range(5):
        made = await lab.create_app(**automated(selfHeal=False))
        await asyncio.sleep(0.05)
        await lab.client.delete(APPLICATIONS, "app", lab.namespace)
        await lab.gone()
    made = await lab.create_app(**automated(selfHeal=False))
    found = await lab.until(is_synced)
    assert found.metadata.uid == made.metadata.uid
    assert len(found.status.history) == 1


async def test_a_secret_that_is_made_anew_lets_go_of_nothing_that_is_being_deleted(lab: Lab) -> None:
    """For the moment between, the cluster is unknown; what runs there has to be deleted all the same."""
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    secret = cluster_secret(lab)
    name = secret["metadata"]["name"]
    await lab.client.create(SECRETS, secret, lab.namespace)
    destination = {"name": "elsewhere", "namespace": lab.workloads}
    await lab.create_app(destination=destination, finalizers=[RESOURCES], **automated())
    await lab.synced()
    await lab.client.delete(SECRETS, name, lab.namespace)
    await lab.until(lambda app: "InvalidSpecError" in conditions(app))
    await lab.client.delete(APPLICATIONS, "app", lab.namespace)
    await lab.until(lambda app: app.is_deleting)
    await asyncio.sleep(1.5)
    assert (await lab.app()).metadata.finalizers == (RESOURCES,)
    await lab.client.create(SECRETS, secret, lab.namespace)
    await lab.gone()
    assert await lab.get(CONFIG_MAPS, "settings") is None
