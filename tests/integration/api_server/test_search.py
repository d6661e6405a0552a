"""Searching applications, and windows that are followed, as somebody with and without rights."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from typing import Any

import bcrypt
import msgspec
import pytest
import pytest_asyncio

from fairlead.api_server.kinds import APPLICATIONS, CONFIG_MAPS, SECRETS
from fairlead.kube.rest import KubeClient
from tests.integration.api_server.conftest import NAMESPACE, Door, application, opened
from tests.integration.api_server.event_stream import WindowClient, following

PASSWORD = "a long enough password"
SEARCH, WINDOW = "/api/v1/search/applications", "/api/v1/stream/search/applications"
POLICY = """
p, finder, applications, get, found-a/*, allow
p, finder, applications, get, found-b/found-3, allow
"""
RBAC = "argocd-rbac-cm"
HEALTH = ("Healthy", "Degraded", "Progressing")
OURS = ["found-a", "found-b"]


def spec(number: int) -> dict[str, Any]:
    return {
        "project": OURS[number % 2],
        "source": {"repoURL": f"https://git.example/found/r{number % 3}.git", "path": "x"},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": f"n{number % 2}"},
        "syncPolicy": {"automated": {"prune": True}} if number < 3 else {},
    }


def status(number: int) -> dict[str, Any]:
    return {
        "sync": {"status": "Synced" if number else "OutOfSync", "revision": f"{number:040x}"},
        "health": {"status": HEALTH[number % 3]},
    }


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def finder(door: Door, kube: KubeClient) -> AsyncIterator[Door]:
    """Six applications of two projects, and somebody who may see four of them."""
    for number in range(6):
        await application(kube, f"found-{number}", spec=spec(number), status=status(number))
        labels = {"metadata": {"labels": {"tier": f"t{number % 2}"}}}
        await kube.merge_patch(APPLICATIONS, f"found-{number}", labels, NAMESPACE)
    labels = {"app.kubernetes.io/part-of": "argocd"}
    for name, values in (("argocd-cm", {"accounts.finder": "login"}), (RBAC, {"policy.csv": POLICY})):
        body = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": name, "labels": labels},
            "data": values,
        }
        await kube.create(CONFIG_MAPS, body, NAMESPACE)
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4))
    data = {"accounts.finder.password": base64.b64encode(hashed).decode()}
    await kube.merge_patch(SECRETS, "argocd-secret", {"data": data}, NAMESPACE)
    somebody = msgspec.structs.replace(door, token=await opened(door, "finder", PASSWORD))
    async with asyncio.timeout(120):
        while len(await found(door, project=OURS, selector="tier")) != 6 or not await found(somebody):
            await asyncio.sleep(0.1)
    yield somebody


async def asked(door: Door, **query: Any) -> tuple[int, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {door.token}"}
    async with door.http.get(door.url + SEARCH, headers=headers, params=query) as answer:
        return answer.status, await answer.json()


async def found(door: Door, **query: Any) -> list[str]:
    code, page = await asked(door, **query)
    assert code == 200, page
    return [row["name"] for row in page["items"]]


def counts(page: dict[str, Any], facet: str) -> dict[str, int]:
    return {each["value"]: each["count"] for each in page["facets"][facet]["values"]}


async def test_a_page_is_narrowed_sorted_and_counted(door: Door, finder: Door) -> None:
    assert await found(door, project="found-a") == ["found-0", "found-2", "found-4"]
    assert await found(door, project=OURS, sort="-name", limit="2", offset="1") == ["found-4", "found-3"]
    assert await found(door, project=OURS, sort="health", limit="2") == ["found-1", "found-4"]
    assert await found(door, search="FOUND/r1") == ["found-1", "found-4"]
    assert await found(door, search="found n1 r2") == ["found-5"]
    assert await found(door, repo="git@git.example:found/r1") == ["found-1", "found-4"]
    assert await found(door, project=OURS, cluster="in-cluster", namespace="n1", autoSync="true") == [
        "found-1"
    ]
    assert await found(door, project=OURS, selector="tier in (t0),tier!=t1", health="Healthy") == ["found-0"]
    assert await found(door, label="tier=t1", sync="OutOfSync") == []

    _, page = await asked(door, project=OURS, health="Degraded", limit="0")
    assert (page["total"], page["items"], page["limit"]) == (2, [], 0)
    assert counts(page, "health") == {"Healthy": 2, "Degraded": 2, "Progressing": 2}
    assert counts(page, "project") == {"found-a": 1, "found-b": 1}
    assert counts(page, "label") == {"tier=t0": 1, "tier=t1": 1}
    assert page["facets"]["cluster"]["values"] == [
        {"value": "https://kubernetes.default.svc", "count": 2, "name": "in-cluster"}
    ]
    _, page = await asked(door, project=OURS, facets="sync")
    assert list(page["facets"]) == ["sync"]
    assert counts(page, "sync") == {"Synced": 5, "OutOfSync": 1}
    row = page["items"][1]
    assert (row["key"], row["sync"], row["health"]) == (f"{NAMESPACE}/found-1", "Synced", "Degraded")
    assert (row["revisions"], row["autoSync"]) == ([f"{1:040x}"], True)
    assert row["sources"] == [{"repoURL": "https://git.example/found/r1.git", "path": "x"}]


async def test_a_row_says_how_its_application_is_to_be_shown(door: Door, kube: KubeClient) -> None:
    spec_ = {**spec(0), "syncPolicy": {"automated": {"enabled": False, "selfHeal": True}}}
    urls = ["https://shop.example", "x" * 3000]
    await application(kube, "shown", spec=spec_, status={**status(0), "summary": {"externalURLs": urls}})
    notices = {
        "notice.argocd.argoproj.io/content": "moved\u202e" + "y" * 1000,
        "pref.argocd.argoproj.io/default-view": "network",
        "argocd.argoproj.io/skip-reconcile": "true",
        "example.com/secret": "not shown",
        **{f"link.argocd.argoproj.io/{number:02}": "https://a.example" for number in range(30)},
    }
    await kube.merge_patch(APPLICATIONS, "shown", {"metadata": {"annotations": notices}}, NAMESPACE)

    async def row() -> dict[str, Any]:
        _, page = await asked(door, search="shown")
        return next(iter(page["items"]), {})

    try:
        async with asyncio.timeout(60):
            while "annotations" not in (one := await row()):
                await asyncio.sleep(0.1)
        assert (one.get("autoSync"), one["automated"]) == (None, {"paused": True, "selfHeal": True})
        assert one["urls"] == ["https://shop.example"]
        assert len(one["annotations"]) == 20
        assert one["annotations"]["argocd.argoproj.io/skip-reconcile"] == "true"
        assert "example.com/secret" not in one["annotations"]
        assert all(len(value) <= 500 for value in one["annotations"].values())
    finally:
        await kube.delete(APPLICATIONS, "shown", NAMESPACE)


async def test_what_may_not_be_seen_is_neither_listed_nor_counted(finder: Door) -> None:
    code, page = await asked(finder)
    assert code == 200
    assert [row["name"] for row in page["items"]] == ["found-0", "found-2", "found-3", "found-4"]
    assert page["total"] == 4
    assert counts(page, "project") == {"found-a": 3, "found-b": 1}
    assert counts(page, "repo") == {
        "git.example/found/r0": 2,
        "git.example/found/r1": 1,
        "git.example/found/r2": 1,
    }
    assert page["facets"]["cluster"]["values"] == [{"value": "https://kubernetes.default.svc", "count": 4}]
    assert await found(finder, cluster="in-cluster") == []
    assert await found(finder, project="found-b") == ["found-3"]
    assert await found(finder, search="found-5") == []


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"nonsense": "1"}, "the query has no field 'nonsense'"),
        ({"sort": "age"}, "sort 'age' is not one of"),
        ({"facets": "colour"}, "facet 'colour' is not one of"),
        ({"limit": "501"}, "limit is not from 0 to 500"),
        ({"offset": "-1"}, "offset is not from 0"),
        ({"limit": "many"}, "the request cannot be read"),
        ({"selector": "a in b"}, "unable to parse requirement"),
        ({"search": "x" * 300}, "search has more than 256 characters"),
        ({"search": "a b c d e f g h i"}, "search has more than 8 words"),
    ],
)
async def test_what_cannot_be_answered_is_refused(door: Door, query: dict[str, str], words: str) -> None:
    code, refused = await asked(door, **query)
    assert (code, refused["code"]) == (400, 3)
    assert words in refused["message"]


async def until(client: WindowClient, holds: Callable[[WindowClient], bool]) -> None:
    async with asyncio.timeout(120):
        while not holds(client):
            await client.take()


async def test_a_window_tells_what_changes_in_it_and_goes_on_where_it_was_left(
    door: Door, finder: Door, kube: KubeClient
) -> None:
    query: dict[str, Any] = {"project": OURS, "limit": "3", "sort": "name", "facets": "health"}
    async with asyncio.timeout(300), following(door, WINDOW, **query) as stream:
        client = WindowClient(stream)
        await client.take()
        assert (client.types, client.names) == (["WINDOW"], ["found-0", "found-1", "found-2"])
        assert client.total == 6
        patch = {"status": {"health": {"status": "Suspended"}}}
        await kube.merge_patch(APPLICATIONS, "found-1", patch, NAMESPACE)
        await until(client, lambda one: one.rows[1]["health"] == "Suspended")
        assert set(client.types[1:]) == {"CHANGE"}
        assert client.taken == 1
        await until(
            client,
            lambda one: any(each["value"] == "Suspended" for each in one.facets["health"]["values"]),
        )
        await application(kube, "found-00", spec=spec(0), status=status(0))
        await until(client, lambda one: one.total == 7)
        assert client.names == ["found-0", "found-00", "found-1"]
        last, rows = stream.last, client.rows

    await kube.delete(APPLICATIONS, "found-00", NAMESPACE)
    async with asyncio.timeout(300), following(door, WINDOW, last=last, **query) as stream:
        client = WindowClient(stream, rows)
        await until(client, lambda one: one.total == 6)
        assert set(client.types) == {"CHANGE"}
        assert client.names == ["found-0", "found-1", "found-2"]
        assert client.rows[1]["health"] == "Suspended"
        gone = stream.last
    async with asyncio.timeout(300), following(finder, WINDOW, last=gone, **query) as stream:
        client = WindowClient(stream)
        await client.take()
        assert (client.types, client.names) == (["WINDOW"], ["found-0", "found-2", "found-3"])
    await kube.merge_patch(APPLICATIONS, "found-1", {"status": status(1)}, NAMESPACE)


async def test_what_may_not_be_seen_any_more_leaves_the_window(finder: Door, kube: KubeClient) -> None:
    async with asyncio.timeout(300), following(finder, WINDOW, sort="-name") as stream:
        client = WindowClient(stream)
        await client.take()
        assert client.names == ["found-4", "found-3", "found-2", "found-0"]
        less = {"data": {"policy.csv": "p, finder, applications, get, found-b/found-3, allow"}}
        await kube.merge_patch(CONFIG_MAPS, RBAC, less, NAMESPACE)
        await until(client, lambda one: one.names == ["found-3"])
        assert client.total == 1
        await kube.merge_patch(CONFIG_MAPS, RBAC, {"data": {"policy.csv": POLICY}}, NAMESPACE)
        await until(client, lambda one: one.total == 4)
        assert client.names == ["found-4", "found-3", "found-2", "found-0"]
        assert set(client.types[1:]) == {"CHANGE"}


async def test_a_window_is_told_in_lines_to_those_who_ask_for_no_events(door: Door, finder: Door) -> None:
    headers = {"Authorization": f"Bearer {door.token}"}
    query = {"project": "found-a", "limit": "1"}
    async with (
        asyncio.timeout(120),
        door.http.get(door.url + WINDOW, headers=headers, params=query) as stream,
    ):
        first = msgspec.json.decode(await stream.content.readline())
    assert first["result"]["type"] == "WINDOW"
    assert [row["name"] for row in first["result"]["items"]] == ["found-0"]
    assert first["id"].endswith("-1")
    async with door.http.get(door.url + WINDOW, headers=headers, params={"limit": "201"}) as refused:
        assert refused.status == 400
