"""No value of a Secret that is refused, by us or by the API server, is told to anybody anywhere."""

import asyncio
import traceback
from typing import Any

import msgspec
import pytest

from fairlead.bus import Bus, BusConfig
from fairlead.kube import write
from fairlead.kube.apply import apply
from fairlead.kube.collection import APPLICATIONS
from fairlead.kube.dry_run import dry_run_apply
from fairlead.kube.errors import KubeError
from fairlead.kube.resource import Resource
from fairlead.kube.writer import ClusterWriter
from tests.integration.app_controller.lab import EVENTS, Lab, automated, conditions
from tests.integration.app_controller.renderer import Document
from tests.unit.kube.objects import anything

SECRETS = Resource(group="", version="v1", plural="secrets", kind="Secret", namespaced=True)
CANARY = "c4n4ryc4n4ry"
NUMBER = 4242424242
ENCODED = "YzRuNHJ5YzRuNHJ5"


def secret(name: str, metadata: Document | None = None, **fields: Any) -> Document:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, **(metadata or {})}, **fields}


REFUSED_HERE: list[Document] = [
    {"stringData": {"pin": NUMBER}},
    {"stringData": {"pin": {"deep": CANARY}}},
    {"stringData": {"pin": [CANARY]}},
    {"stringData": CANARY},
    {"data": {"pin": NUMBER}},
    {"data": {"pin": f"{CANARY}!"}},
    {"data": [CANARY]},
]
REFUSED_THERE: list[Document] = [
    {"stringData": {f"bad key {CANARY}": CANARY}},
    {"metadata": {"labels": {"a": NUMBER}}, "stringData": {"a": CANARY}},
    {"metadata": {"annotations": {"a": {"deep": CANARY}}}, "stringData": {"a": CANARY}},
    {"stringdata": {"pin": CANARY}},
    {"type": "kubernetes.io/tls", "stringData": {"wrong": CANARY}},
    {"type": "kubernetes.io/dockerconfigjson", "stringData": {".dockerconfigjson": f"{{{CANARY}"}},
    {"type": "kubernetes.io/basic-auth", "stringData": {"wrong": CANARY}},
    {"immutable": CANARY, "stringData": {"pin": CANARY}},
]


def is_told(text: str) -> bool:
    """Whether a value is in it; names of keys may be."""
    text = text.replace(f"bad key {CANARY}", "")
    return any(value in text for value in (CANARY, str(NUMBER), ENCODED))


async def test_no_refused_write_of_a_secret_tells_a_value(lab: Lab) -> None:
    writer = ClusterWriter(lab.client, fence=lambda: True, gate=anything)
    refusals = 0
    for at, fields in enumerate([*REFUSED_HERE, *REFUSED_THERE]):
        body = secret(f"s{at}", **fields)
        for send in (
            lambda body: apply(writer, SECRETS, body["metadata"]["name"], body, lab.workloads),
            lambda body: dry_run_apply(writer, SECRETS, body["metadata"]["name"], body, lab.workloads),
            lambda body: write.create(writer, SECRETS, body, lab.workloads),
            lambda body: write.replace(writer, SECRETS, "none", body, lab.workloads),
            lambda body: lab.client.create(SECRETS, body, lab.workloads),
            lambda body: lab.client.merge_patch(SECRETS, "none", body, lab.workloads),
        ):
            try:
                await send(body)
            except KubeError as error:
                refusals += 1
                said = f"{error} {error.message} {error.causes} {traceback.format_exception(error)}"
                assert not is_told(said), said[:2000]
    assert refusals >= 2 * len([*REFUSED_HERE, *REFUSED_THERE])


async def test_no_value_of_a_refused_secret_reaches_status_events_nats_or_logs(
    lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    heard: list[bytes] = []
    reader = await Bus.connect(BusConfig(url=lab.nats.url, service="events-reader"))

    async def note(message: Any) -> None:
        heard.append(bytes(message.data))

    await reader.client.subscribe("fairlead.>", cb=note)
    await reader.client.flush()
    there = [secret(f"s{at}", **fields) for at, fields in enumerate(REFUSED_THERE)]
    there.append(
        secret("whole", {"annotations": {"argocd.argoproj.io/sync-options": "Replace=true"}}, type=NUMBER)
    )
    await lab.renderer.commit(lab.repo, there)
    await lab.create_app(**automated(), finalizers=[])
    app = await lab.until(lambda app: app.status.operation_state is not None and bool(failures(app)))
    assert len(failures(app)) >= 1
    for number, fields in enumerate(REFUSED_HERE):
        await lab.renderer.commit(lab.repo, [secret(f"h{number}", **fields)])
        app = await lab.until(
            lambda app, name=f"Secret h{number}:": name in conditions(app).get("ComparisonError", "")  # type: ignore[misc]
        )
    events = b""
    async with asyncio.timeout(120):
        while b"OperationStarted" not in events:
            events = b"".join(await lab.client.list_all(EVENTS, lab.namespace))
            await asyncio.sleep(0.1)
    await reader.close()
    raw = msgspec.json.decode(await lab.client.get(APPLICATIONS, "app", lab.namespace))
    assert not is_told(str(raw))
    assert not is_told(events.decode())
    assert not is_told(str(heard))
    assert not is_told(str(capsys.readouterr()))


def failures(app: Any) -> list[str]:
    """What the operation says of each object that was refused."""
    result = app.status.operation_state.sync_result
    return [item.message for item in result.resources if item.status == "SyncFailed"] if result else []
