"""What a page of one application is told makes of what it has what is there."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.api_server.documents import ApplicationDocument, read_application
from fairlead.api_server.mirror import Mirror
from fairlead.api_server.operations.view.allowance import Allowance
from fairlead.api_server.operations.view.feed import Feed
from fairlead.api_server.operations.view.picture import Picture, difference, picture_of, whole
from fairlead.rpc import ResourceNode, ResourceTree


def document(*resources: dict[str, Any], uid: str = "") -> ApplicationDocument:
    raw = {
        "metadata": {"name": "web", "namespace": "argocd", "uid": uid},
        "spec": {},
        "status": {"resources": list(resources)},
    }
    return read_application(msgspec.json.encode(raw))


def node(name: str, **more: Any) -> ResourceNode:
    return ResourceNode(group="apps", version="v1", kind="Deployment", namespace="x", name=name, **more)


def test_a_node_has_what_the_status_says_of_its_object() -> None:
    said = {
        "group": "apps",
        "version": "v1",
        "kind": "Deployment",
        "namespace": "x",
        "name": "web",
        "status": "OutOfSync",
        "syncWave": -2,
        "requiresPruning": True,
    }
    health = {"status": "Degraded", "message": "no room"}
    tree = ResourceTree(nodes=(node("web", health=health), node("owned")), orphaned_nodes=(node("lost"),))
    picture = picture_of(tree, document(said))
    first = msgspec.json.decode(picture.nodes["apps/Deployment/x/web"])
    assert (first["sync"], first["syncWave"], first["requiresPruning"]) == ("OutOfSync", -2, True)
    assert (first["managed"], first["health"]) == (True, health)
    other = msgspec.json.decode(picture.nodes["apps/Deployment/x/owned"])
    assert not {"managed", "sync", "health", "syncWave"} & set(other)
    assert [one["name"] for one in msgspec.json.decode(picture.orphans)] == ["lost"]


PICTURES = st.builds(
    lambda names, orphans: picture_of(
        ResourceTree(
            nodes=tuple(node(name, uid=str(uid)) for name, uid in names.items()),
            orphaned_nodes=tuple(node(name) for name in orphans),
        ),
        document(),
    ),
    st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 2)),
    st.lists(st.sampled_from("xyz"), unique=True),
)


@settings(deadline=None)
@given(PICTURES, PICTURES)
def test_who_takes_the_difference_of_two_trees_has_the_second(before: Picture, now: Picture) -> None:
    shown = msgspec.json.decode(whole(before))
    assert shown["whole"] is True
    nodes = {one["key"]: one for one in shown.get("nodes", [])}
    orphans = shown["orphans"]
    event = difference(before, now)
    if event is None:
        assert before == now
        return
    told = msgspec.json.decode(event)
    assert not told.get("whole")
    for key in told.get("removed", []):
        del nodes[key]
    nodes |= {one["key"]: one for one in told.get("nodes", [])}
    orphans = told.get("orphans", orphans)
    assert nodes == {key: msgspec.json.decode(one) for key, one in now.nodes.items()}
    assert orphans == msgspec.json.decode(now.orphans)
    unchanged = {key for key, one in now.nodes.items() if before.nodes.get(key) == one}
    assert not unchanged & {one["key"] for one in told.get("nodes", [])}


def test_the_first_changes_are_told_at_once_and_many_at_a_steady_pace() -> None:
    allowance = Allowance(0.0, a_second=4.0, at_once=3.0)
    waits = [allowance.take(0.0) for _ in range(6)]
    assert waits == [0.0, 0.0, 0.0, 0.25, 0.5, 0.75]
    assert allowance.take(100.0) == 0.0


class OneApplication:
    """A mirror of one that changes when the test says so."""

    def __init__(self, there: ApplicationDocument) -> None:
        self.there = there

    def get(self, _: str) -> ApplicationDocument:
        return self.there

    @contextmanager
    def subscribed(self, _: object) -> Iterator["OneApplication"]:
        yield self

    async def some(self, *, seconds: float) -> bool:
        await asyncio.sleep(seconds)
        return False


async def test_the_tree_of_another_application_that_had_the_name_is_not_shown() -> None:
    former, now = document(uid="former"), document(uid="now")
    mirror = OneApplication(former)

    async def ask(_: ApplicationDocument, seen: str) -> ResourceTree:
        if seen:
            await asyncio.Event().wait()
        return ResourceTree(nodes=(node("hidden"),), digest="d")

    feed = Feed(cast("Mirror[ApplicationDocument]", mirror), "web", ask)
    try:
        async with asyncio.timeout(30):
            while await feed.picture(former) is None:
                await asyncio.sleep(0)
        mirror.there = now
        assert await feed.picture(now) is None
    finally:
        feed.close()
