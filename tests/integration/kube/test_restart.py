"""An API server that goes away and comes back, with a control plane of its own."""

import asyncio
from pathlib import Path

from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.live_index import ChangeType, LiveChange
from fairlead.kube.rest import KubeClient
from fairlead.local.control_plane import ControlPlane
from fairlead.manifest.identity import GroupKind, ResourceKey
from tests.integration.kube.cluster import CONFIG_MAPS, config_map, live_through, until

CONFIG_MAP = GroupKind("", "ConfigMap")


async def test_a_restart_of_the_api_server_loses_and_deletes_nothing(tmp_path: Path) -> None:
    async with ControlPlane(tmp_path, nodes=0) as control_plane:
        connection = from_kubeconfig(control_plane.kubeconfig)
        async with KubeClient(connection) as client, live_through(connection) as live:
            await client.create(CONFIG_MAPS, config_map("before"), "default")
            await until(lambda: live.get(ResourceKey("", "ConfigMap", "default", "before")))
            deleted: list[LiveChange] = []
            live.subscribe(
                lambda change: deleted.append(change) if change.type is ChangeType.DELETED else None
            )
            await control_plane.restart_apiserver()
            await asyncio.sleep(1)
            await client.create(CONFIG_MAPS, config_map("after"), "default")
            await until(lambda: live.get(ResourceKey("", "ConfigMap", "default", "after")))
            await until(lambda: live.unknown_kinds() == {})
            assert [str(change.key) for change in deleted if change.key.group_kind == CONFIG_MAP] == []
