"""How much of what is live is asked for and kept, on the real cluster."""

import msgspec

from fairlead.kube.apply import apply
from fairlead.kube.connection import Connection
from fairlead.kube.discovery import Discovery
from fairlead.kube.kind_watch import KindState
from fairlead.kube.live_index import ChangeType, LiveChange
from fairlead.kube.live_object import Kept, NotWholeError
from fairlead.kube.live_state import LiveState
from fairlead.kube.rest import KubeClient
from fairlead.kube.writer import ClusterWriter
from fairlead.manifest.identity import GroupKind, ResourceKey
from fairlead.manifest.tracking import TRACKING_ID, owner_of
from tests.integration.kube.cluster import CONFIG_MAPS, config_map, running, until

CONFIG_MAP = GroupKind("", "ConfigMap")


def _thrifty(client: KubeClient, namespace: str) -> LiveState:
    """Nothing is kept of what nobody manages, and nobody is known to want anything. Other namespaces are left
    out, as other tests mark objects of theirs."""
    return LiveState(
        client,
        Discovery(client),
        owner_of=owner_of,
        keeps=lambda _: Kept.NOTHING,
        is_wanted=lambda _: False,
        namespaces=(namespace,),
    )


def _raises(live: LiveState, key: ResourceKey) -> bool:
    found = live.get(key)
    assert found is not None
    try:
        found.decoded()
    except NotWholeError:
        return True
    return False


async def test_a_kind_is_followed_by_metadata_until_somebody_wants_one_of_its_objects(
    connection: Connection, client: KubeClient, writer: ClusterWriter, namespace: str
) -> None:
    await client.create(CONFIG_MAPS, config_map("mine", colour="blue"), namespace)
    await client.create(CONFIG_MAPS, config_map("theirs", colour="red"), namespace)
    mine, theirs = (ResourceKey("", "ConfigMap", namespace, name) for name in ("mine", "theirs"))
    async with KubeClient(connection) as own, running(_thrifty(own, namespace)) as live:
        assert live.is_known(CONFIG_MAP)
        assert live.is_followed_by_metadata(CONFIG_MAP)
        assert _raises(live, mine)
        assert live.get(mine).brief()["metadata"]["name"] == "mine"  # type: ignore[union-attr]
        states, changes = list[KindState](), list[LiveChange]()
        live.observe_states(
            lambda kind: states.append(live.state_of(CONFIG_MAP)) if kind == CONFIG_MAP else None
        )
        live.subscribe(changes.append)

        whole = await live.whole(theirs)
        assert whole is not None
        assert whole.decoded()["data"] == {"colour": "red"}
        assert _raises(live, theirs), "who only looks at it does not have it kept"

        assert await live.complete([mine, theirs, ResourceKey("", "ConfigMap", namespace, "none")]) == {}
        assert not _raises(live, mine)
        await until(lambda: not live.is_followed_by_metadata(CONFIG_MAP))
        await client.merge_patch(CONFIG_MAPS, "mine", {"data": {"colour": "green"}}, namespace)
        await until(lambda: b"green" in live.get(mine).raw)  # type: ignore[union-attr]
        assert live.is_known(CONFIG_MAP)
        assert set(states) <= {KindState.KNOWN}, "the kind was never in doubt"
        assert not [change for change in changes if change.type is ChangeType.DELETED and change.key == mine]

        await client.delete(CONFIG_MAPS, "mine", namespace)
        await client.delete(CONFIG_MAPS, "theirs", namespace)
        await until(lambda: live.get(mine) is None and live.get(theirs) is None)
        live.revive()
        await until(lambda: live.is_followed_by_metadata(CONFIG_MAP))
        assert live.is_known(CONFIG_MAP)


async def test_an_object_that_comes_to_carry_a_mark_has_its_kind_followed_whole(
    connection: Connection, writer: ClusterWriter, namespace: str
) -> None:
    async with KubeClient(connection) as own, running(_thrifty(own, namespace)) as live:
        assert live.is_followed_by_metadata(CONFIG_MAP)
        key = ResourceKey("", "ConfigMap", namespace, "a")
        marked = config_map("a", colour="blue")
        marked["metadata"] = {
            "name": "a",
            "annotations": {TRACKING_ID: f"harbour:/ConfigMap:{namespace}/a"},
        }
        await apply(writer, CONFIG_MAPS, "a", marked, namespace)
        await until(lambda: (found := live.get(key)) is not None and found.is_whole)
        assert [obj.key for obj in live.owned_by("harbour")] == [key]
        assert msgspec.json.decode(live.owned_by("harbour")[0].raw)["kind"] == "ConfigMap"
        await until(lambda: not live.is_followed_by_metadata(CONFIG_MAP))


async def test_a_kind_of_which_more_is_to_be_kept_is_read_again_without_doubt(
    connection: Connection, client: KubeClient, namespace: str
) -> None:
    await client.create(CONFIG_MAPS, config_map("a", colour="blue"), namespace)
    key, kept = ResourceKey("", "ConfigMap", namespace, "a"), [Kept.NOTHING]
    async with KubeClient(connection) as own:
        live = LiveState(
            own, Discovery(own), owner_of=owner_of, keeps=lambda _: kept[0], is_wanted=lambda _: False
        )
        async with running(live):
            assert _raises(live, key)
            kept[0] = Kept.WHOLE
            live.keep_otherwise()
            assert live.is_known(CONFIG_MAP)
            await until(lambda: live.get(key).is_whole)  # type: ignore[union-attr]
            assert live.is_known(CONFIG_MAP)
