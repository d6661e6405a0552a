"""Every RPC that writes, over HTTP/2, gRPC-Web and REST: three ways to ask, one object left behind.

What is asked is a message of Google's protobuf, made from the table of facts; REST is asked what JSON says of
it. What is left is read from the cluster, and from what the controller was asked.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from fairlead.api_server.kinds import APPLICATIONS, CONFIG_MAPS
from fairlead.api_server.methods.table import ROWS
from fairlead.events.envelope import decode, encode
from fairlead.kube.rest import KubeClient
from fairlead.rpc import LiveResource, clusters
from fairlead.rpc.resource import DELETE, PATCH, RUN, DeleteResource, Done, PatchResource, RunAction
from tests.integration.api_server.conftest import NAMESPACE, Answer, Door, held
from tests.integration.api_server.test_clusters import states
from tests.integration.api_server.test_repositories import remote
from tests.integration.api_server.write_stories import HISTORY, RUNNING, STORIES, Step, spec
from tests.integration.api_server.writer import WAYS, Document, Outcome, Writer
from tests.wire_growth import each_alone
from tests.wire_json import made, said

__all__ = ["remote", "states"]

V1 = "github.com.argoproj.argo_cd.v3.pkg.apis.application.v1alpha1"
WRITING = {
    row.rpc
    for row in ROWS
    if row.described.kind == "unary" and not any(route.verb == "GET" for route in row.described.routes)
}
"""The rows that change something, and some that only ask with a body."""
ONLY_ASK = {"/repository.RepositoryService/GetAppDetails"}
CREATE = "/application.ApplicationService/Create"

Before = Callable[[Writer], Awaitable[None]]


def test_every_row_that_writes_has_its_step() -> None:
    assert {step.rpc for steps in STORIES.values() for step in steps} == WRITING - ONLY_ASK


@pytest.fixture
def controller(scripted: dict[str, Answer], states: dict[str, clusters.ClusterState]) -> list[Any]:
    """What the controller was asked to do to live objects and clusters."""
    asked: list[Any] = []

    def answering(kind: type[msgspec.Struct], answer: msgspec.Struct) -> Answer:
        async def respond(_: str, payload: bytes) -> bytes:
            asked.append(msgspec.to_builtins(decode(kind, payload)))
            return encode(answer)

        return respond

    scripted.update(
        {
            PATCH: answering(PatchResource, LiveResource(manifest="{}")),
            DELETE: answering(DeleteResource, Done()),
            RUN: answering(RunAction, Done()),
        }
    )
    return asked


@pytest.mark.parametrize("story", STORIES)
async def test_what_is_written_is_the_same_on_all_transports(
    story: str, door: Door, kube: KubeClient, controller: list[Any], remote: str
) -> None:
    told = {}
    for way in WAYS:
        writer = Writer(way, door, kube)
        told[way] = await played(writer, STORIES[story], kube, controller, remote)
    for number, step in enumerate(STORIES[story]):
        for way in WAYS[1:]:
            assert told[way][number] == told["grpc"][number], (way, number, step.rpc)


async def played(
    writer: Writer, steps: tuple[Step, ...], kube: KubeClient, controller: list[Any], remote: str
) -> list[Any]:
    """The outcome of each step, what it left in the namespace, and what the controller was asked."""
    found = []
    for step in steps:
        prepare = PREPARED.get(step.rpc)
        if prepare is not None:
            await prepare(writer, kube)
        before = await held(kube)
        fields = writer.marked(step.fields)
        outcome = await writer.ask(step.rpc, made(writer.request(step.rpc), placed(fields, writer, remote)))
        if step.rpc.startswith("/application."):
            await writer.seen()
        _, left = await writer.left(before)
        found.append((outcome, left, writer.unmarked(list(controller))))
        controller.clear()
    return found


def placed(value: Any, writer: Writer, remote: str) -> Any:
    """The same with the repository and the password of this place."""
    if isinstance(value, dict):
        return {key: placed(inner, writer, remote) for key, inner in value.items()}
    if isinstance(value, list):
        return [placed(inner, writer, remote) for inner in value]
    return {"URL": remote, "CURRENT": writer.password}.get(value, value) if isinstance(value, str) else value


async def with_history(writer: Writer, kube: KubeClient) -> None:
    """An application that was deployed before."""
    patch = {"status": {"history": [writer.marked(HISTORY)]}}
    await kube.merge_patch(APPLICATIONS, writer.mark, patch, NAMESPACE)
    await writer.seen()


async def with_operation(writer: Writer, kube: KubeClient) -> None:
    """An application to which something is being done."""
    patch = {"operation": {"sync": {}}, "status": {"operationState": RUNNING}}
    await kube.merge_patch(APPLICATIONS, writer.mark, patch, NAMESPACE)
    await writer.seen()


async def with_account(writer: Writer, kube: KubeClient) -> None:
    """An account that has tokens and a password."""
    metadata = {"name": "argocd-cm", "labels": {"app.kubernetes.io/part-of": "argocd"}}
    if await kube.find(CONFIG_MAPS, "argocd-cm", NAMESPACE) is None:
        await kube.create(
            CONFIG_MAPS, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}, NAMESPACE
        )
    data = {"data": {f"accounts.{writer.mark}": "apiKey, login"}}
    await kube.merge_patch(CONFIG_MAPS, "argocd-cm", data, NAMESPACE)
    await writer.known(f"/api/v1/account/{writer.mark}")


PREPARED: dict[str, Callable[[Writer, KubeClient], Awaitable[None]]] = {
    "/application.ApplicationService/Rollback": with_history,
    "/application.ApplicationService/TerminateOperation": with_operation,
    "/account.AccountService/UpdatePassword": with_account,
}
"""What must be so before a step."""

GROWN = [
    *(
        (f"spec.{name}", {"spec": said(f"{V1}.ApplicationSpec", each)})
        for name, each in each_alone(f"{V1}.ApplicationSpec")
    ),
    *(
        (f"spec.source.{name}", {"spec": {"source": said(f"{V1}.ApplicationSource", each)}})
        for name, each in each_alone(f"{V1}.ApplicationSource")
    ),
    *(
        (f"spec.syncPolicy.{name}", {"spec": {"syncPolicy": said(f"{V1}.SyncPolicy", each)}})
        for name, each in each_alone(f"{V1}.SyncPolicy")
    ),
    *(
        (f"metadata.{name}", {"metadata": {name: value}})
        for name, value in {
            "labels": {"a": "b", "c": ""},
            "annotations": {"x/y": "z"},
            "finalizers": ["resources-finalizer.argocd.argoproj.io"],
            "generateName": "x-",
        }.items()
    ),
]
"""Applications with one thing more than they need, with everything below it."""


@pytest.mark.parametrize(("path", "more"), GROWN, ids=[path for path, _ in GROWN])
async def test_an_application_is_kept_the_same_whichever_way_it_came(
    path: str, more: Document, door: Door, kube: KubeClient
) -> None:
    kept: dict[str, Outcome] = {}
    for way in WAYS:
        writer = Writer(way, door, kube)
        application = merged({"metadata": {"name": writer.mark}, "spec": writer.marked(spec())}, more)
        sent = made(writer.request(CREATE), {"application": application, "validate": False})
        outcome = await writer.ask(CREATE, sent)
        stored = await kube.find(APPLICATIONS, writer.mark, NAMESPACE)
        kept[way] = outcome if stored is None else ("object", writer.plain(msgspec.json.decode(stored)))
        if stored is not None:
            gone = {"metadata": {"finalizers": None}}
            await kube.merge_patch(APPLICATIONS, writer.mark, gone, NAMESPACE)
            await kube.delete(APPLICATIONS, writer.mark, NAMESPACE)
    assert kept["grpc"] == kept["grpc-web"]
    assert kept["grpc"] == kept["rest"]
    assert (kept["grpc"][0] == "object") == (path not in REFUSED), kept["grpc"]


REFUSED = frozenset({"spec.destination", "spec.project"})
"""What no application may have: two names of one cluster, a project that is not there."""


def merged(value: Document, more: Document) -> Document:
    """Objects laid over objects."""
    found = dict(value)
    for key, inner in more.items():
        is_object = isinstance(inner, dict) and isinstance(found.get(key), dict)
        found[key] = merged(found[key], inner) if is_object else inner
    return found
