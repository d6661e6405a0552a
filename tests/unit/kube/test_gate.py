"""Nothing is written, nor tried, that a writer's gate does not let pass; a guarded client has no other."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import msgspec
import pytest
from aiohttp import web

from fairlead.kube import write
from fairlead.kube.adopt import adopt
from fairlead.kube.apply import apply
from fairlead.kube.connection import Connection
from fairlead.kube.delete import delete
from fairlead.kube.dry_run import dry_run_apply
from fairlead.kube.events import EVENTS, Subject, record_event
from fairlead.kube.gate import Gate, NotPermittedError, Only, passed
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.kube.retry import NO_RETRY
from fairlead.kube.writer import ClusterWriter
from tests.unit.kube.objects import CONFIG_MAPS, anything, body

OBJECT = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "b"}}
Write = Callable[[ClusterWriter], Awaitable[object]]

MANAGED = {
    **OBJECT,
    "metadata": {
        "name": "a",
        "namespace": "b",
        "resourceVersion": "1",
        "managedFields": [
            {"manager": "kubectl-client-side-apply", "operation": "Update", "fieldsV1": {"f:data": {}}}
        ],
    },
}
WRITES: dict[str, Write] = {
    "apply": lambda writer: apply(writer, CONFIG_MAPS, "a", OBJECT, "b"),
    "trial of an apply": lambda writer: dry_run_apply(writer, CONFIG_MAPS, "a", OBJECT, "b"),
    "adoption": lambda writer: adopt(writer, CONFIG_MAPS, MANAGED, OBJECT),
    "create": lambda writer: write.create(writer, CONFIG_MAPS, OBJECT, "b"),
    "trial of a create": lambda writer: write.create(
        writer, CONFIG_MAPS, OBJECT, "b", params={"dryRun": "All"}
    ),
    "replace": lambda writer: write.replace(writer, CONFIG_MAPS, "a", OBJECT, "b"),
    "merge patch": lambda writer: write.merge_patch(writer, CONFIG_MAPS, "a", {}, "b"),
    "merge patch of a status": lambda writer: write.merge_patch(
        writer, CONFIG_MAPS, "a", {}, "b", subresource="status"
    ),
    "JSON patch": lambda writer: write.json_patch(writer, CONFIG_MAPS, "a", b"[]", "b"),
    "delete": lambda writer: delete(writer, CONFIG_MAPS, "a", "b"),
}


class Served:
    """An API server that takes everything and tells what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.client: KubeClient

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked.append(f"{request.method} {request.path}")
        return web.Response(body=body("a", 1), content_type="application/json")


@asynccontextmanager
async def served() -> AsyncIterator[Served]:
    found = Served()
    runner = web.ServerRunner(web.Server(found.answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    try:
        async with KubeClient(Connection(server=f"http://{host}:{port}"), retry=NO_RETRY) as client:
            found.client = client
            yield found
    finally:
        await runner.cleanup()


def writing(client: KubeClient, gate: Gate) -> ClusterWriter:
    return ClusterWriter(client.guarded(), fence=lambda: True, gate=gate)


@pytest.mark.parametrize("name", WRITES)
async def test_each_kind_of_write_and_of_trial_is_asked_about_and_sent_only_then(name: str) -> None:
    asked: list[tuple[str, str, str]] = []

    def refusing(_verb: str, resource: Resource, namespace: str, named: str) -> str:
        asked.append((resource.kind, namespace, named))
        return "not in this project"

    async with served() as server:
        with pytest.raises(NotPermittedError, match="not in this project"):
            await WRITES[name](writing(server.client, refusing))
        assert server.asked == []
        assert asked == [("ConfigMap", "b", "a")]
        await WRITES[name](writing(server.client, anything))
        assert len(server.asked) == 1


async def test_an_event_is_asked_about_too() -> None:
    subject = Subject(api_version="v1", kind="ConfigMap", name="a", namespace="b")
    async with served() as server:
        with pytest.raises(NotPermittedError):
            await record_event(
                writing(server.client, Only(CONFIG_MAPS)), subject, reason="x", message="y", component="z"
            )
        await record_event(
            writing(server.client, Only(EVENTS)), subject, reason="x", message="y", component="z"
        )
        assert server.asked == ["POST /api/v1/namespaces/b/events"]


async def test_what_is_permitted_when_it_is_begun_and_not_when_it_is_to_leave_is_not_sent() -> None:
    answers = iter(("", "the project changed"))
    async with served() as server:
        writer = writing(server.client, lambda *_: next(answers))
        with pytest.raises(NotPermittedError, match="the project changed"):
            await apply(writer, CONFIG_MAPS, "a", OBJECT, "b")
        assert server.asked == []


async def test_a_guarded_client_writes_nothing_by_itself_and_within_a_write_only_what_was_asked_about() -> (
    None
):
    others: list[Callable[[KubeClient], Awaitable[object]]] = [
        lambda client: client.create(CONFIG_MAPS, OBJECT, "c"),
        lambda client: client.update(CONFIG_MAPS, "ab", OBJECT, "b"),
        lambda client: client.merge_patch(CONFIG_MAPS, "other", {}, "b"),
        lambda client: client.strategic_patch(CONFIG_MAPS, "other", {}, "b"),
        lambda client: client.json_patch(CONFIG_MAPS, "other", b"[]", "b"),
        lambda client: client.apply(CONFIG_MAPS, "a", OBJECT, "c", field_manager="x"),
        lambda client: client.delete(CONFIG_MAPS, "a"),
        lambda client: client.exec("a", "b", "main", ["sh"]),
    ]
    async with served() as server:
        guarded = server.client.guarded()
        for view in (guarded, guarded.urgent(), guarded.acting_as("somebody"), guarded.guarded()):
            for other in others:
                with pytest.raises(NotPermittedError, match="past the gate"):
                    await other(view)
                with (
                    passed(anything, "apply", CONFIG_MAPS, "b", "a"),
                    pytest.raises(NotPermittedError, match="past the gate"),
                ):
                    await other(view)
        assert server.asked == []
        await guarded.get(CONFIG_MAPS, "a", "b")
        assert server.asked == ["GET /api/v1/namespaces/b/configmaps/a"]


async def test_what_lets_one_write_pass_lets_no_other_pass_beside_it() -> None:
    async with served() as server:
        guarded, going, done = server.client.guarded(), asyncio.Event(), asyncio.Event()

        async def slow(client: KubeClient) -> bytes:
            going.set()
            await done.wait()
            return await client.delete(CONFIG_MAPS, "a", "b")

        async def beside() -> None:
            await going.wait()
            with pytest.raises(NotPermittedError):
                await guarded.delete(CONFIG_MAPS, "a", "b")
            done.set()

        writer = writing(server.client, anything)
        await asyncio.gather(writer.write("delete", CONFIG_MAPS, slow, name="a", namespace="b"), beside())
        assert len(server.asked) == 1


def test_a_gate_of_ones_own_lets_nothing_else_pass() -> None:
    gate = Only(CONFIG_MAPS, namespace="b", name="a")
    assert gate("patch", CONFIG_MAPS, "b", "a") == ""
    assert "is not what this is for" in gate("patch", CONFIG_MAPS, "b", "other")
    assert "is not what this is for" in gate("patch", CONFIG_MAPS, "c", "a")
    secrets = msgspec.structs.replace(CONFIG_MAPS, kind="Secret", plural="secrets")
    assert "is not what this is for" in gate("patch", secrets, "b", "a")
