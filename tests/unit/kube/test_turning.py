"""A kind that is turned between metadata and whole, at any moment, is never unknown and loses nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import NoReturn, cast

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairlead.kube.catalogue import Catalogue, GroupVersion, Presence
from fairlead.kube.discovery import Discovery
from fairlead.kube.head import PARTIAL_KIND
from fairlead.kube.kind_watch import KindState
from fairlead.kube.live_index import ChangeType, LiveChange
from fairlead.kube.live_object import Kept
from fairlead.kube.live_state import LiveState
from fairlead.kube.pages import ListMeta, Page
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.manifest.identity import ResourceKey
from fairlead.manifest.tracking import owner_of
from tests.unit.kube.objects import CONFIG_MAPS, body

KIND = CONFIG_MAPS.group_kind
SERVED = Catalogue((GroupVersion(group="", version="v1", resources=(CONFIG_MAPS,)),))
NAMES = "abcd"


class _Server:
    """Config maps with a history, told whole or as metadata, as asked."""

    def __init__(self) -> None:
        self.version = 1
        self.objects: dict[str, bytes] = {}
        self.uids: dict[str, str] = {}
        self.history: list[tuple[int, str, bytes]] = []
        self.catalogue = SERVED
        self._news = asyncio.Event()

    def put(self, name: str, app: str) -> None:
        self.version += 1
        kind = "MODIFIED" if name in self.objects else "ADDED"
        if kind == "ADDED":
            self.uids[name] = f"{name}-{self.version}"
        raw = body(name, self.version, uid=self.uids[name], app=app, data={"version": str(self.version)})
        self.objects[name] = raw
        self._happened(kind, raw)

    def drop(self, name: str) -> None:
        self.version += 1
        if self.objects.pop(name, None) is not None:
            self._happened("DELETED", body(name, self.version, uid=self.uids[name]))

    def _happened(self, kind: str, raw: bytes) -> None:
        self.history.append((self.version, kind, raw))
        self._news.set()
        self._news = asyncio.Event()

    async def find(self, _: Resource, name: str, __: str | None) -> bytes | None:
        await asyncio.sleep(0)
        return self.objects.get(name)

    async def pages(self, *_: object, accept: str, **__: object) -> AsyncIterator[Page]:
        await asyncio.sleep(0)
        is_partial = PARTIAL_KIND in accept
        items = [msgspec.Raw(_told(raw, is_partial=is_partial)) for raw in self.objects.values()]
        kind = f"{PARTIAL_KIND}List" if is_partial else "ConfigMapList"
        yield Page(kind=kind, metadata=ListMeta(resource_version=str(self.version)), items=items)

    async def watch(
        self, *_: object, resource_version: str, accept: str, **__: object
    ) -> AsyncIterator[bytes]:
        yield b""
        seen = int(resource_version)
        while True:
            news = self._news
            for version, kind, raw in self.history:
                if version > seen:
                    seen = version
                    obj = msgspec.Raw(_told(raw, is_partial=PARTIAL_KIND in accept))
                    yield msgspec.json.encode({"type": kind, "object": obj}) + b"\n"
                    await asyncio.sleep(0)
            if news is self._news:
                await news.wait()

    async def refresh(self) -> bool:
        return False

    def presence(self, group: str, kind: str) -> Presence:
        return self.catalogue.presence(group, kind)


def _told(raw: bytes, *, is_partial: bool) -> bytes:
    if not is_partial:
        return raw
    metadata = msgspec.json.decode(raw)["metadata"]
    return msgspec.json.encode({"apiVersion": "meta.k8s.io/v1", "kind": PARTIAL_KIND, "metadata": metadata})


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not is_so():
            await asyncio.sleep(0)


names = st.sampled_from(NAMES)
STEPS = st.one_of(
    st.tuples(st.just("put"), names, st.sampled_from(["", "", "shop"])),
    st.tuples(st.just("drop"), names, st.just("")),
    st.tuples(st.just("complete"), names, st.just("")),
    st.tuples(st.just("look again"), names, st.just("")),
    st.tuples(st.just("wait"), names, st.just("")),
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, max_size=25))
def test_a_kind_is_known_and_complete_however_it_is_turned(steps: list[tuple[str, str, str]]) -> None:
    asyncio.run(_turned(steps))


async def _turned(steps: list[tuple[str, str, str]]) -> None:
    server = _Server()
    server.put("a", "")
    live = LiveState(
        cast(KubeClient, server),
        cast(Discovery, server),
        owner_of=owner_of,
        keeps=lambda _: Kept.NOTHING,
        is_wanted=lambda _: False,
    )
    states: list[KindState] = []
    ends: list[LiveChange] = []
    live.subscribe(lambda change: ends.append(change) if change.type is ChangeType.DELETED else None)
    running = asyncio.create_task(live.run())
    await live.wait_synced()
    live.observe_states(lambda kind: states.append(live.state_of(KIND)) if kind == KIND else None)
    drops = 0
    for step, name, app in steps:
        match step:
            case "put":
                server.put(name, app)
            case "drop":
                drops += name in server.objects
                server.drop(name)
            case "complete":
                await live.complete([_key(name)])
            case "look again":
                live.revive()
            case _:
                await asyncio.sleep(0)
        assert live.is_known(KIND)
    await _until(lambda: _seen(live) == {name: _version(raw) for name, raw in server.objects.items()})
    assert await live.complete([_key(name) for name in NAMES]) == {}
    for name, raw in server.objects.items():
        found = live.get(_key(name))
        assert found is not None
        assert found.raw == raw
    assert live.is_known(KIND)
    assert set(states) <= {KindState.KNOWN}
    assert len(ends) <= drops
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_kind_that_is_read_anew_doubts_a_list_older_than_what_was_seen() -> None:
    server, kept = _Server(), [Kept.NOTHING]
    server.put("a", "")
    live = LiveState(
        cast(KubeClient, server),
        cast(Discovery, server),
        owner_of=owner_of,
        keeps=lambda _: kept[0],
        is_wanted=lambda _: False,
    )
    running = asyncio.create_task(live.run())
    await live.wait_synced()
    states: list[KindState] = []
    live.observe_states(lambda kind: states.append(live.state_of(KIND)) if kind == KIND else None)
    server.put("a", "shop")
    await _until(lambda: _seen(live) == {"a": "3"})
    server.version, kept[0] = 1, Kept.BRIEF
    live.keep_otherwise()
    await _until(lambda: states == [KindState.UNKNOWN])
    assert _seen(live) == {"a": "3"}
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_what_changes_while_nobody_follows_a_cluster_is_news_once_it_is_followed_again() -> None:
    async def broken() -> NoReturn:
        raise RuntimeError("broken")

    server = _Server()
    server.put("a", "shop")
    live = LiveState(cast(KubeClient, server), cast(Discovery, server), owner_of=owner_of)
    changes: list[LiveChange] = []
    live.subscribe(changes.append)
    running = asyncio.create_task(live.run())
    await live.wait_synced()
    assert [change.initial for change in changes] == [True]
    assert live._followed.tasks is not None
    live._followed.tasks.create_task(broken())
    with pytest.raises(ExceptionGroup):
        await running
    server.put("a", "shop")
    running = asyncio.create_task(live.run())
    await _until(lambda: len(changes) == 2)
    assert not changes[1].initial
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def _key(name: str) -> ResourceKey:
    return ResourceKey("", "ConfigMap", "default", name)


def _seen(live: LiveState) -> dict[str, str]:
    return {obj.name: obj.resource_version for obj in live.index}


def _version(raw: bytes) -> str:
    found: str = msgspec.json.decode(raw)["metadata"]["resourceVersion"]
    return found
