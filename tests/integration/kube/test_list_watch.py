"""Watches that go wrong: nothing is deleted on doubt, what is held stays right, no server is flooded."""

import asyncio

from aiohttp import web

from fairlead.kube.discovery import Discovery
from fairlead.kube.keeping import Keeping
from fairlead.kube.kind_watch import KindState, KindWatch
from fairlead.kube.list_watch import Reflector
from fairlead.kube.live_index import LiveChange, LiveIndex
from fairlead.kube.live_state import LiveState
from fairlead.kube.rest import KubeClient
from fairlead.kube.watch_events import Added, Deleted, Event, Modified
from fairlead.local.control_plane import ControlPlane
from fairlead.manifest.identity import GroupKind, ResourceKey
from fairlead.manifest.tracking import owner_of
from tests.integration.kube.cluster import CONFIG_MAPS, config_map, live_through, until
from tests.integration.kube.fault_proxy import FaultProxy, is_list_of, is_watch_of, stalled, status

CONFIG_MAP = GroupKind("", "ConfigMap")
EXPIRED = b'{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}\n'


def _key(namespace: str, name: str) -> ResourceKey:
    return ResourceKey("", "ConfigMap", namespace, name)


async def test_what_was_deleted_during_an_expired_watch_is_found_by_the_relist(
    proxy: FaultProxy, client: KubeClient, namespace: str
) -> None:
    for name in ("kept", "gone"):
        await client.create(CONFIG_MAPS, config_map(name), namespace)
    shut = False

    async def rule(request: web.BaseRequest) -> web.StreamResponse | None:
        if shut and is_watch_of(request, "configmaps"):
            return status(410, "Expired", "too old resource version")
        if shut and is_list_of(request, "configmaps"):
            return status(503, "ServiceUnavailable", "starting")
        return None

    proxy.rule = rule
    async with live_through(proxy.connection) as live:
        shut = True
        proxy.drop_all()
        await client.delete(CONFIG_MAPS, "gone", namespace)
        await until(lambda: live.state_of(CONFIG_MAP) is KindState.UNKNOWN)
        assert live.get(_key(namespace, "gone")) is not None
        shut = False
        await until(lambda: live.is_known(CONFIG_MAP))
        assert live.get(_key(namespace, "gone")) is None
        assert live.get(_key(namespace, "kept")) is not None


async def test_an_expiry_inside_the_stream_leads_to_a_list(
    proxy: FaultProxy, client: KubeClient, namespace: str
) -> None:
    times = 1

    async def rule(request: web.BaseRequest) -> web.StreamResponse | None:
        nonlocal times
        if times and is_watch_of(request, "configmaps"):
            times -= 1
            return web.Response(body=EXPIRED, content_type="application/json")
        return None

    proxy.rule = rule
    async with live_through(proxy.connection) as live:
        await until(lambda: proxy.lists("configmaps") == 2 and live.is_known(CONFIG_MAP))
        await client.create(CONFIG_MAPS, config_map("after"), namespace)
        await until(lambda: live.get(_key(namespace, "after")))


async def test_a_dropped_watch_goes_on_where_it_was_without_a_list(
    proxy: FaultProxy, client: KubeClient, namespace: str
) -> None:
    async with live_through(proxy.connection) as live:
        await until(lambda: proxy.count("/configmaps?watch") == 1)
        proxy.drop_all()
        await client.create(CONFIG_MAPS, config_map("missed"), namespace)
        await until(lambda: live.get(_key(namespace, "missed")))
        assert proxy.lists("configmaps") == 1


async def test_empty_answers_do_not_make_a_busy_loop(proxy: FaultProxy) -> None:
    async def rule(request: web.BaseRequest) -> web.StreamResponse | None:
        return web.Response(body=b"") if is_watch_of(request, "configmaps") else None

    proxy.rule = rule
    async with live_through(proxy.connection) as live:
        await asyncio.sleep(4)
        assert proxy.count("/configmaps?watch") <= 5
        assert live.is_known(CONFIG_MAP)


async def test_a_refused_list_makes_its_kind_unknown_and_no_other(proxy: FaultProxy) -> None:
    async def rule(request: web.BaseRequest) -> web.StreamResponse | None:
        return status(403, "Forbidden", "not yours") if is_list_of(request, "secrets") else None

    proxy.rule = rule
    async with live_through(proxy.connection) as live:
        assert live.unknown_kinds() == {GroupKind("", "Secret"): "not yours"}
        assert not live.is_known(GroupKind("", "Secret"))
        assert live.is_known(CONFIG_MAP)


async def test_a_list_that_fails_half_way_deletes_nothing(
    proxy: FaultProxy, client: KubeClient, namespace: str
) -> None:
    for number in range(4):
        await client.create(CONFIG_MAPS, config_map(f"c-{number}"), namespace)
    broken = False

    async def rule(request: web.BaseRequest) -> web.StreamResponse | None:
        if broken and is_watch_of(request, "configmaps"):
            return status(410, "Expired", "too old resource version")
        if broken and is_list_of(request, "configmaps"):
            return web.Response(body=b'{"kind":"ConfigMapList","metadata":{"resourceVersion":"9"},"ite')
        return None

    proxy.rule = rule
    async with live_through(proxy.connection) as live:
        held = len(live.index.of_kind(CONFIG_MAP))
        broken = True
        proxy.drop_all()
        await until(lambda: live.state_of(CONFIG_MAP) is KindState.UNKNOWN)
        assert len(live.index.of_kind(CONFIG_MAP)) == held


class _Followed:
    """One reflector of config maps with a short patience, outside a live state."""

    def __init__(self, client: KubeClient, namespace: str, silence: float) -> None:
        self.index = LiveIndex()
        self.deleted: list[str] = []
        self.kind = KindWatch(
            CONFIG_MAPS,
            self.index,
            namespace=namespace,
            keeping=Keeping(owner_of),
            publish=self._publish,
            on_state=lambda: None,
        )
        self.reflector = Reflector(
            client,
            CONFIG_MAPS,
            self.kind.take,
            gate=asyncio.Semaphore(1),
            namespace=namespace,
            silence_seconds=silence,
        )

    def _publish(self, change: LiveChange, initial: bool) -> None:
        if change.new is None:
            self.deleted.append(change.key.name)

    async def __aenter__(self) -> "_Followed":
        self._task = asyncio.create_task(self.reflector.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def test_a_watch_that_stalls_in_silence_is_given_up_and_resumed(
    proxy: FaultProxy, client: KubeClient, namespace: str
) -> None:
    times = 1

    async def rule(request: web.BaseRequest) -> web.StreamResponse | None:
        nonlocal times
        if times and is_watch_of(request, "configmaps"):
            times -= 1
            return await stalled(request)
        return None

    proxy.rule = rule
    async with KubeClient(proxy.connection) as through, _Followed(through, namespace, 1.0) as followed:
        await until(lambda: times == 0)
        await client.create(CONFIG_MAPS, config_map("missed"), namespace)
        await until(lambda: followed.index.get(_key(namespace, "missed")))
        assert proxy.count("configmaps?limit") == 1


async def test_a_list_from_a_lagging_server_is_not_believed(
    proxy: FaultProxy, client: KubeClient, namespace: str
) -> None:
    path = CONFIG_MAPS.path(namespace) + "?limit=500"
    older = (await client.get_path(path)).body
    await client.create(CONFIG_MAPS, config_map("fresh"), namespace)
    lists = 0

    async def rule(request: web.BaseRequest) -> web.StreamResponse | None:
        nonlocal lists
        if is_list_of(request, "configmaps"):
            lists += 1
            if lists in (2, 3):
                return web.Response(body=older, content_type="application/json")
        if is_watch_of(request, "configmaps") and lists < 4:
            return status(410, "Expired", "too old resource version")
        return None

    proxy.rule = rule
    async with KubeClient(proxy.connection) as through, _Followed(through, namespace, 60.0) as followed:
        await until(lambda: lists >= 4 and followed.kind.state is KindState.KNOWN)
        assert followed.deleted == []
        assert followed.index.get(_key(namespace, "fresh")) is not None


async def test_an_object_larger_than_a_read_buffer_arrives_whole(
    client: KubeClient, proxy: FaultProxy, namespace: str
) -> None:
    async with KubeClient(proxy.connection) as through, _Followed(through, namespace, 60.0) as followed:
        await until(lambda: followed.kind.state is KindState.KNOWN)
        await client.create(CONFIG_MAPS, config_map("big", value="x" * 900_000), namespace)
        await until(lambda: followed.index.get(_key(namespace, "big")))
        found = followed.index.get(_key(namespace, "big"))
        assert found is not None
        assert len(found.decoded()["data"]["value"]) == 900_000


async def test_an_unreachable_cluster_is_waited_for(proxy: FaultProxy, client: KubeClient) -> None:
    down = True

    async def rule(request: web.BaseRequest) -> web.StreamResponse | None:
        return status(503, "ServiceUnavailable", "starting") if down else None

    proxy.rule = rule
    async with KubeClient(proxy.connection) as through:
        live = LiveState(through, Discovery(through), owner_of=owner_of)
        following = asyncio.create_task(live.run())
        try:
            await until(lambda: len(proxy.requests) >= 3)
            assert not live.is_synced
            assert live.state_of(CONFIG_MAP) is KindState.UNKNOWN
            down = False
            await until(lambda: live.is_known(CONFIG_MAP))
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


async def test_an_event_that_its_taker_cannot_take_is_doubt_until_the_next_list_and_ends_nothing(
    client: KubeClient, namespace: str
) -> None:
    await client.create(CONFIG_MAPS, config_map("a"), namespace)
    async with _Followed(client, namespace, 60.0) as followed:
        await until(lambda: followed.kind.state is KindState.KNOWN)
        real, followed.kind._put = followed.kind._put, _refuse  # type: ignore[method-assign,assignment]
        await client.create(CONFIG_MAPS, config_map("b"), namespace)
        await until(lambda: followed.kind.state is KindState.UNKNOWN)
        assert "cannot be read: ZeroDivisionError" in str(followed.kind.error)
        followed.kind._put = real  # type: ignore[method-assign]
        await until(lambda: followed.kind.state is KindState.KNOWN)
        assert followed.index.get(_key(namespace, "b")) is not None


def _refuse(_: object) -> None:
    raise ZeroDivisionError("by accident")


async def test_an_account_that_may_read_one_object_follows_it_by_its_name(
    control_plane: ControlPlane, client: KubeClient, namespace: str
) -> None:
    may = ("--verb=get,list,watch", "--resource=configmaps", "--resource-name=ours")
    await control_plane.kubectl("-n", namespace, "create", "role", "reader", *may)
    await control_plane.kubectl(
        "-n", namespace, "create", "rolebinding", "reader", "--role=reader", "--user=it"
    )
    await client.create(CONFIG_MAPS, config_map("ours"), namespace)
    await client.create(CONFIG_MAPS, config_map("theirs"), namespace)
    seen: list[str] = []

    def hear(event: Event) -> None:
        if isinstance(event, Added | Modified | Deleted):
            seen.append(f"{type(event).__name__} {event.head.metadata.name}")

    reflector = Reflector(
        client.acting_as("it"),
        CONFIG_MAPS,
        hear,
        gate=asyncio.Semaphore(1),
        namespace=namespace,
        name="ours",
    )
    following = asyncio.create_task(reflector.run())
    try:
        await until(lambda: seen == ["Added ours"])
        await client.merge_patch(CONFIG_MAPS, "theirs", {"data": {"a": "b"}}, namespace)
        await client.delete(CONFIG_MAPS, "ours", namespace)
        await until(lambda: seen[-1] == "Deleted ours")
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
    assert not [line for line in seen if "theirs" in line]
