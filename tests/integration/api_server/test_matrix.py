"""Every RPC by people who may not: nothing is done and nothing is told, over each transport."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import grpc.aio
import msgspec
import pytest
import pytest_asyncio
from google.protobuf.json_format import MessageToDict

from fairlead.api_server.kinds import APPLICATION_SETS, APPLICATIONS, CONFIG_MAPS, PROJECTS, SECRETS
from fairlead.api_server.methods.method import Method
from fairlead.api_server.methods.table import ROWS
from fairlead.kube.rest import KubeClient
from fairlead.wire.catalogue import SCALARS, message
from tests.integration.api_server.conftest import NAMESPACE, Door, application
from tests.transports import Native, RefusedError, ask_web

CLOSED = [row for row in ROWS if not row.is_public]
FREE = {
    "/account.AccountService/CanI",
    "/cluster.SettingsService/GetPlugins",
    "/session.SessionService/GetUserInfo",
}
"""What everybody who is logged in may ask."""
LOOKED_FOR = {
    f"/applicationset.ApplicationSetService/{name}"
    for name in ("Get", "ResourceTree", "ListResourceEvents", "Delete")
}
"""Sets that may not be seen are not there for who may have one of that name: `appset create` asks first."""
LISTS = ("items", "metadata", "managedByUrl")
POLICY = """
g, reader, role:readonly
p, outsider, *, *, other/*, allow
p, outsider, *, *, other, allow
"""
LINES = [
    f"p, proj:other:all, {kind}, *, other/*, allow" for kind in ("applications", "clusters", "logs", "exec")
]
ROLES = ("nobody", "reader", "outsider", "role")
SERVER, URL = "https://10.1.1.1:6443", "https://git.example/guarded.git"
NAMED = {
    "name": "guarded",
    "applicationName": "guarded",
    "appName": "guarded",
    "app": "guarded",
    "project": "fenced",
    "role": "ci",
    "revision": "HEAD",
    "resourceName": "web",
    "namespace": "x",
    "podName": "web",
    "kind": "Deployment",
    "group": "apps",
    "version": "v1",
    "action": "restart",
    "patch": "{}",
    "patchType": "merge",
    "id": "1",
    "repo": URL,
    "url": URL,
    "appProject": "fenced",
    "keyID": "4AEE18F83AFDEB23",
    "hostNamePattern": "*",
    "currentPassword": "x",
    "newPassword": "a long enough one",
}
SPEC: dict[str, Any] = {
    "project": "fenced",
    "source": {"repoURL": URL, "path": "a"},
    "destination": {"server": SERVER, "namespace": "x"},
}
A_SET = {"metadata": {"name": "guarded"}, "spec": {"generators": [], "template": {"spec": SPEC}}}
NESTED: dict[str, Any] = {
    "application": {"metadata": {"name": "guarded"}, "spec": SPEC},
    "applicationset": A_SET,
    "applicationSet": A_SET,
    "spec": SPEC,
    "project": {"metadata": {"name": "fenced"}, "spec": {}},
    "cluster": {"server": SERVER, "name": "guarded", "project": "fenced"},
    "id": {"value": SERVER, "type": ""},
    "repo": {"repo": URL, "project": "fenced"},
    "creds": {"url": URL},
    "source": {"repoURL": URL, "path": "a"},
    "publickey": {"keyData": "x"},
    "certificates": {
        "items": [{"serverName": "x", "certType": "ssh", "certSubType": "rsa", "certData": "eA=="}]
    },
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def tokens(door: Door, kube: KubeClient) -> AsyncIterator[dict[str, str]]:
    """Tokens by role, beside objects that none of them may do more to than it says."""
    metadata = {"name": "argocd-cm", "labels": {"app.kubernetes.io/part-of": "argocd"}}
    accounts = {f"accounts.{name}": "apiKey" for name in ("nobody", "reader", "outsider", "guarded")}
    made = {"apiVersion": "v1", "kind": "ConfigMap"}
    await kube.create(CONFIG_MAPS, made | {"metadata": metadata, "data": accounts}, NAMESPACE)
    rbac = {"metadata": {"name": "argocd-rbac-cm"}, "data": {"policy.csv": POLICY}}
    await kube.create(CONFIG_MAPS, made | rbac, NAMESPACE)
    kind = {"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject"}
    roles = [{"name": "ci"}]
    for name, spec in (
        ("fenced", {"roles": roles}),
        ("other", {"roles": [{"name": "all", "policies": LINES}]}),
    ):
        await kube.create(PROJECTS, kind | {"metadata": {"name": name}, "spec": spec}, NAMESPACE)
    await application(kube, "guarded", spec=SPEC)
    a_set = {"apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet", **A_SET}
    template = {"metadata": {"name": "x"}, "spec": SPEC}
    a_set["spec"] = {"generators": [], "template": template}
    await kube.create(APPLICATION_SETS, a_set, NAMESPACE)
    for name, values in (
        ("cluster", {"server": SERVER, "name": "guarded", "project": "fenced"}),
        ("repository", {"url": URL, "project": "fenced"}),
        ("repo-creds", {"url": URL}),
    ):
        labels = {"argocd.argoproj.io/secret-type": name}
        secret = {"metadata": {"name": f"guarded-{name}", "labels": labels}, "stringData": values}
        await kube.create(SECRETS, {"apiVersion": "v1", "kind": "Secret"} | secret, NAMESPACE)
    found: dict[str, str] = {}
    async with asyncio.timeout(60):
        for path, name in [
            *((f"/api/v1/account/{name}/token", name) for name in ROLES[:3]),
            ("/api/v1/projects/other/roles/all/token", "role"),
        ]:
            while (answer := await door.ask("POST", path, {}))[0] != 200:
                await asyncio.sleep(0.1)
            found[name] = answer[1]["token"]  # type: ignore[index]
        while (await door.ask("GET", "/api/v1/applications/guarded"))[0] != 200:
            await asyncio.sleep(0.1)
        reader = msgspec.structs.replace(door, token=found["reader"])
        while (await reader.ask("GET", "/api/v1/applications/guarded"))[0] != 200:
            await asyncio.sleep(0.1)
    yield found
    await kube.delete(APPLICATIONS, "guarded", NAMESPACE)
    await kube.delete(APPLICATION_SETS, "guarded", NAMESPACE)
    for name in ("fenced", "other"):
        await kube.delete(PROJECTS, name, NAMESPACE)
    for name in ("cluster", "repository", "repo-creds"):
        await kube.delete(SECRETS, f"guarded-{name}", NAMESPACE)
    for name in ("argocd-cm", "argocd-rbac-cm"):
        await kube.delete(CONFIG_MAPS, name, NAMESPACE)


def asked(row: Method) -> dict[str, Any]:
    """A request that means something that is there."""
    fields: dict[str, Any] = {}
    for field in message(row.described.request).fields:
        if field.is_repeated:
            continue
        if field.type in SCALARS:
            if field.json in NAMED and field.type == "string":
                fields[field.json] = NAMED[field.json]
            elif field.is_required:
                fields[field.json] = 1
        elif field.json in NESTED:
            fields[field.json] = NESTED[field.json]
    if "ProjectService" in row.rpc and "name" in fields:
        fields["name"] = "fenced"
    if "ClusterService" in row.rpc and "id" in fields:
        fields = {"id": fields["id"], **({"cluster": fields["cluster"]} if "cluster" in fields else {})}
    return fields


def is_reading(row: Method) -> bool:
    """Of what its source consists is asked by POST, of a repository that is the project's own."""
    return row.rpc.endswith("/GetAppDetails") or any(route.verb == "GET" for route in row.described.routes)


async def told(asking: Any) -> Any:
    """The code of a refusal, or the answer without what every list has."""
    try:
        answer = await asking
    except RefusedError as refused:
        return refused.code
    shown = MessageToDict(answer)
    return {key: value for key, value in shown.items() if value and key != "metadata"}


@pytest.mark.parametrize("row", CLOSED, ids=lambda row: row.rpc)
async def test_who_may_not_is_refused_over_every_transport(
    row: Method, door: Door, tokens: dict[str, str]
) -> None:
    if row.rpc in FREE or row.described.kind != "unary":
        return
    for role, token in tokens.items():
        if role == "reader" and is_reading(row):
            continue
        async with Native(door.url.removeprefix("http://"), token) as client:
            native = await told(client.ask(row.rpc, asked(row)))
        web = await told(ask_web(door.http, door.url, row.rpc, asked(row), token))
        assert native == web, role
        if row.rpc.endswith("/ListAccounts"):
            assert [each["name"] for each in native.get("items", [])] in ([], [role]), role
        elif "Write" in row.rpc:
            assert native in (7, 12, {}), role
        else:
            refusals = (5, 7) if row.rpc in LOOKED_FOR and role in ("outsider", "role") else (7,)
            assert native in refusals or ("List" in row.rpc and native == {}), (role, native)


@pytest.mark.parametrize("row", CLOSED, ids=lambda row: row.rpc)
async def test_who_has_no_session_is_refused_over_every_transport(row: Method, door: Door) -> None:
    if row.described.kind != "unary":
        return
    for token in ("", "a.b.c"):
        async with Native(door.url.removeprefix("http://"), token) as client:
            assert await told(client.ask(row.rpc, asked(row))) == 16
        assert await told(ask_web(door.http, door.url, row.rpc, asked(row), token)) == 16


QUIET = 1.5
"""Seconds in which a stream that may show something has shown it."""
OPEN_ENDED = [row for row in CLOSED if row.described.kind == "server-stream"]
LISTED = {"/application.ApplicationService/Watch", "/applicationset.ApplicationSetService/Watch"}
"""Streams of whatever one may see, which may be nothing."""


async def shown(door: Door, row: Method, token: str) -> Any:
    """The code of a refusal, the first message, or None when there is neither."""
    async with Native(door.url.removeprefix("http://"), token) as client:
        call = client.stream(row.rpc, asked(row), seconds=QUIET)
        try:
            async for message in call:
                return message
        except grpc.aio.AioRpcError as error:
            return None if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED else error.code().value[0]
    return None


@pytest.mark.parametrize("row", OPEN_ENDED, ids=lambda row: row.rpc)
async def test_no_stream_shows_anything_to_who_may_not_see_it(
    row: Method, door: Door, tokens: dict[str, str]
) -> None:
    for role in ("nobody", "outsider", "role"):
        assert await shown(door, row, tokens[role]) in ((None,) if row.rpc in LISTED else (7,)), role
    for token in ("", "a.b.c"):
        assert await shown(door, row, token) == 16
