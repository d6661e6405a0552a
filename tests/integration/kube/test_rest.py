"""The client and the writes against the real API server."""

import asyncio

import msgspec
import pytest
from aiohttp import web

from fairlead.kube.apply import apply
from fairlead.kube.connection import Connection
from fairlead.kube.delete import delete
from fairlead.kube.discovery import Discovery
from fairlead.kube.dry_run import dry_run_apply
from fairlead.kube.errors import (
    AlreadyExistsError,
    BadRequestError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    UnreachableError,
)
from fairlead.kube.events import EVENTS, Subject, record_event
from fairlead.kube.head import decode_head
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.kube.transport import Bounds
from fairlead.kube.write import create, json_patch, merge_patch, replace
from fairlead.kube.writer import ClusterWriter
from tests.integration.kube.cluster import CONFIG_MAPS, config_map
from tests.integration.kube.fault_proxy import FaultProxy, stalled, status
from tests.unit.kube.objects import anything


async def test_an_apply_says_created_unchanged_or_configured(writer: ClusterWriter, namespace: str) -> None:
    body = config_map("a", k="1")
    first = await apply(writer, CONFIG_MAPS, "a", body, namespace)
    again = await apply(writer, CONFIG_MAPS, "a", body, namespace, live_version=first.resource_version)
    changed = await apply(
        writer, CONFIG_MAPS, "a", config_map("a", k="2"), namespace, live_version=again.resource_version
    )
    assert (first.outcome, again.outcome, changed.outcome) == ("created", "unchanged", "configured")


async def test_an_applied_object_loses_what_git_no_longer_has(writer: ClusterWriter, namespace: str) -> None:
    await apply(writer, CONFIG_MAPS, "a", config_map("a", kept="1", dropped="1"), namespace)
    await merge_patch(writer, CONFIG_MAPS, "a", {"data": {"dropped": "by us"}}, namespace)
    done = await apply(writer, CONFIG_MAPS, "a", config_map("a", kept="1"), namespace, force=True)
    assert msgspec.json.decode(done.object)["data"]["kept"] == "1"


async def test_a_field_of_another_manager_is_taken_only_by_force(
    client: KubeClient, writer: ClusterWriter, namespace: str
) -> None:
    await client.apply(CONFIG_MAPS, "a", config_map("a", k="theirs"), namespace, field_manager="kubectl")
    with pytest.raises(ConflictError) as caught:
        await apply(writer, CONFIG_MAPS, "a", config_map("a", k="ours"), namespace, force=False)
    assert caught.value.has_cause("FieldManagerConflict")
    done = await apply(writer, CONFIG_MAPS, "a", config_map("a", k="ours"), namespace)
    assert msgspec.json.decode(done.object)["data"] == {"k": "ours"}


async def test_an_unknown_field_is_our_fault_and_not_retried(writer: ClusterWriter, namespace: str) -> None:
    body = {**config_map("a", k="1"), "dataa": {"x": "y"}}
    with pytest.raises(BadRequestError, match="dataa"):
        await apply(writer, CONFIG_MAPS, "a", body, namespace)


async def test_warnings_of_the_server_are_handed_on(
    writer: ClusterWriter, discovery: Discovery, namespace: str
) -> None:
    endpoints = discovery.resource_for("", "Endpoints")
    assert endpoints is not None
    body = {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "a"}}
    done = await apply(writer, endpoints, "a", body, namespace)
    assert any("deprecated" in text for text in done.warnings)


async def test_a_dry_run_tells_the_outcome_and_stores_nothing(
    client: KubeClient, writer: ClusterWriter, namespace: str
) -> None:
    result = await dry_run_apply(writer, CONFIG_MAPS, "a", config_map("a", k="1"), namespace)
    assert result.would_create
    assert await client.find(CONFIG_MAPS, "a", namespace) is None


async def test_a_write_computed_from_an_old_version_conflicts(writer: ClusterWriter, namespace: str) -> None:
    made = msgspec.json.decode(await create(writer, CONFIG_MAPS, config_map("a", k="1"), namespace))
    await merge_patch(writer, CONFIG_MAPS, "a", {"data": {"k": "2"}}, namespace)
    with pytest.raises(ConflictError):
        await replace(writer, CONFIG_MAPS, "a", {**made, "data": {"k": "3"}}, namespace)
    with pytest.raises(AlreadyExistsError):
        await create(writer, CONFIG_MAPS, config_map("a"), namespace)
    with pytest.raises(InvalidError):
        await json_patch(
            writer, CONFIG_MAPS, "a", [{"op": "test", "path": "/data/k", "value": "no"}], namespace
        )


async def test_a_delete_takes_only_the_object_that_was_looked_at(
    writer: ClusterWriter, namespace: str
) -> None:
    made = await apply(writer, CONFIG_MAPS, "a", config_map("a"), namespace)
    with pytest.raises(ConflictError):
        await delete(writer, CONFIG_MAPS, "a", namespace, uid="00000000-0000-0000-0000-000000000000")
    uid = decode_head(made.object).metadata.uid
    with pytest.raises(ConflictError):
        await delete(writer, CONFIG_MAPS, "a", namespace, uid=uid, resource_version="1")
    assert await delete(writer, CONFIG_MAPS, "a", namespace, uid=uid, propagation="background")
    assert not await delete(writer, CONFIG_MAPS, "a", namespace, uid=uid)


async def test_errors_carry_the_servers_words(client: KubeClient, writer: ClusterWriter) -> None:
    with pytest.raises(NotFoundError, match='configmaps "none" not found'):
        await client.get(CONFIG_MAPS, "none", "default")
    with pytest.raises(NotFoundError, match='namespaces "nowhere" not found'):
        await apply(writer, CONFIG_MAPS, "a", config_map("a"), "nowhere")
    with pytest.raises(InvalidError) as caught:
        await apply(writer, CONFIG_MAPS, "Upper", config_map("Upper"), "default")
    assert caught.value.causes[0].field == "metadata.name"


async def test_long_lists_come_in_pages(client: KubeClient, namespace: str) -> None:
    for number in range(25):
        await client.create(CONFIG_MAPS, config_map(f"c-{number}"), namespace)
    pages = [page async for page in client.pages(CONFIG_MAPS, namespace, limit=10)]
    assert [len(page.items or ()) for page in pages[:2]] == [10, 10]
    assert len({page.resource_version for page in pages}) == 1
    names = {decode_head(raw).metadata.name for raw in await client.list_all(CONFIG_MAPS, namespace)}
    assert {f"c-{number}" for number in range(25)} <= names


async def test_an_impersonated_account_may_only_what_it_may(
    client: KubeClient, writer: ClusterWriter, namespace: str
) -> None:
    with pytest.raises(ForbiddenError, match=f"system:serviceaccount:{namespace}:nobody"):
        await apply(
            writer.acting_as(f"system:serviceaccount:{namespace}:nobody"),
            CONFIG_MAPS,
            "a",
            config_map("a"),
            namespace,
        )
    assert await client.find(CONFIG_MAPS, "a", namespace) is None


async def test_a_wrong_token_is_refused(connection: Connection) -> None:
    stranger = Connection(server=connection.server, ca=connection.ca, token="wrong")
    async with KubeClient(stranger) as client:
        with pytest.raises(Exception, match="Unauthorized"):
            await client.get(CONFIG_MAPS, "a", "default")


async def test_a_server_with_another_certificate_is_not_spoken_to(connection: Connection) -> None:
    async with KubeClient(Connection(server=connection.server, token="secret")) as client:
        with pytest.raises(UnreachableError):
            await client.get(CONFIG_MAPS, "a", "default")


async def test_a_kubernetes_event_is_recorded(
    client: KubeClient, writer: ClusterWriter, namespace: str
) -> None:
    subject = Subject(api_version="argoproj.io/v1alpha1", kind="Application", name="app", namespace=namespace)
    await record_event(writer, subject, reason="OperationStarted", message="hello", component="fairlead")
    found = [msgspec.json.decode(raw) for raw in await client.list_all(EVENTS, namespace)]
    assert [(item["reason"], item["involvedObject"]["name"]) for item in found] == [
        ("OperationStarted", "app")
    ]
    assert found[0]["metadata"]["name"].startswith("app.")


async def test_a_server_that_asks_to_wait_is_obeyed(proxy: FaultProxy, namespace: str) -> None:
    answers = [
        status(429, "TooManyRequests", "slow down", **{"Retry-After": "1"}),
        status(500, "InternalError", "oops"),
    ]

    async def rule(_: web.BaseRequest) -> web.StreamResponse | None:
        return answers.pop(0) if answers else None

    proxy.rule = rule
    async with KubeClient(proxy.connection) as client:
        assert await client.list_all(CONFIG_MAPS, namespace) is not None
        answers.append(status(429, "TooManyRequests", "slow down"))
        assert await client.create(CONFIG_MAPS, config_map("a"), namespace)
    assert (proxy.count("GET"), proxy.count("POST")) == (3, 2)


async def test_an_apply_whose_answer_was_lost_is_sent_again(proxy: FaultProxy, namespace: str) -> None:
    lost = 1

    async def rule(request: web.BaseRequest) -> web.StreamResponse | None:
        nonlocal lost
        if request.method != "PATCH" or not lost:
            return None
        lost -= 1
        await _swallow(proxy, request)
        return None

    proxy.rule = rule
    async with KubeClient(proxy.connection) as client:
        done = await apply(
            ClusterWriter(client, fence=lambda: True, gate=anything),
            CONFIG_MAPS,
            "a",
            config_map("a", k="1"),
            namespace,
        )
    assert done.outcome == "configured"
    assert proxy.count("PATCH") == 2


async def test_a_create_whose_answer_was_lost_is_not_sent_again(proxy: FaultProxy, namespace: str) -> None:
    async def rule(request: web.BaseRequest) -> web.StreamResponse | None:
        await _swallow(proxy, request)
        return None

    proxy.rule = rule
    async with KubeClient(proxy.connection) as client:
        with pytest.raises(UnreachableError):
            await client.create(CONFIG_MAPS, config_map("a"), namespace)
    assert proxy.count("POST") == 1


async def _swallow(proxy: FaultProxy, request: web.BaseRequest) -> None:
    """Lets the request have its effect, and breaks the connection instead of answering."""
    await proxy.deliver(request)
    assert request.transport is not None
    request.transport.abort()
    raise ConnectionResetError


async def test_an_endless_answer_is_cut_off(proxy: FaultProxy) -> None:
    async def rule(request: web.BaseRequest) -> web.StreamResponse | None:
        return web.Response(body=b"[" + b" " * (17 * 1024 * 1024))

    proxy.rule = rule
    async with KubeClient(proxy.connection) as client:
        with pytest.raises(Exception, match="larger than"):
            await client.get(CONFIG_MAPS, "a", "default")


async def test_urgent_requests_do_not_wait_behind_those_that_are_not_answered(proxy: FaultProxy) -> None:
    async def rule(request: web.BaseRequest) -> web.StreamResponse | None:
        return await stalled(request) if "/configmaps/" in request.path else None

    proxy.rule = rule
    async with KubeClient(proxy.connection, bounds=Bounds(in_flight=1)) as client:
        waiting = [asyncio.create_task(client.get(CONFIG_MAPS, "a", "default")) for _ in range(3)]
        while not proxy.count("/configmaps/"):
            await asyncio.sleep(0.01)
        async with asyncio.timeout(120):
            await client.reaches("/version")
            await client.urgent().get_path("/version")
        assert proxy.count("/configmaps/") == 1
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_redirect_is_not_followed(proxy: FaultProxy) -> None:
    async def rule(_: web.BaseRequest) -> web.StreamResponse | None:
        return web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"})

    proxy.rule = rule
    async with KubeClient(proxy.connection) as client:
        with pytest.raises(Exception, match="302"):
            await client.get(CONFIG_MAPS, "a", "default")
    assert len(proxy.requests) == 1


async def test_names_with_colons_reach_their_object(client: KubeClient) -> None:
    roles = Resource(
        group="rbac.authorization.k8s.io",
        version="v1",
        plural="clusterroles",
        kind="ClusterRole",
        namespaced=False,
    )
    found = await client.get(roles, "system:discovery")
    assert decode_head(found).metadata.name == "system:discovery"
