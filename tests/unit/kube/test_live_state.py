"""Who follows a cluster is told whatever puts a kind in doubt, and when it no longer does."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import cast

from fairlead.kube.catalogue import Catalogue, GroupVersion, Presence
from fairlead.kube.discovery import Discovery
from fairlead.kube.kind_watch import KindState
from fairlead.kube.live_state import LiveState
from fairlead.kube.pages import ListMeta, Page
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.manifest.identity import GroupKind

WIDGET = Resource(
    group="x.example",
    version="v1",
    plural="widgets",
    kind="Widget",
    namespaced=True,
    verbs=frozenset({"list", "watch"}),
)
KIND = GroupKind("x.example", "Widget")
SERVED = Catalogue((GroupVersion(group="x.example", version="v1", resources=(WIDGET,)),))


class _Client:
    """Holds nothing, for ever."""

    async def pages(self, *_: object, **__: object) -> AsyncIterator[Page]:
        yield Page(metadata=ListMeta(resource_version="5"))

    async def watch(self, *_: object, **__: object) -> AsyncIterator[bytes]:
        yield b""
        await asyncio.Event().wait()


class _Discovery:
    def __init__(self) -> None:
        self.catalogue = SERVED

    async def refresh(self) -> bool:
        return True

    def presence(self, group: str, kind: str) -> Presence:
        return self.catalogue.presence(group, kind)


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(120):
        while not is_so():
            await asyncio.sleep(0.01)


async def test_a_kind_that_discovery_loses_and_finds_again_is_told_both_times() -> None:
    discovery, told = _Discovery(), list[KindState]()
    live = LiveState(
        cast(KubeClient, _Client()),
        cast(Discovery, discovery),
        owner_of=lambda _: None,
        namespaces=("work",),
        cluster_resources=False,
    )
    live.observe_states(lambda kind: told.append(live.state_of(KIND)) if kind == KIND else None)
    running = asyncio.create_task(live.run())
    await _until(lambda: told == [KindState.KNOWN])
    discovery.catalogue = Catalogue(())
    live.revive()
    await _until(lambda: told == [KindState.KNOWN, KindState.UNKNOWN])
    discovery.catalogue = SERVED
    live.revive()
    await _until(lambda: told == [KindState.KNOWN, KindState.UNKNOWN, KindState.KNOWN])
    running.cancel()
