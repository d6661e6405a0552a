"""Taking over what kubectl wrote, on the real API server."""

import msgspec
import pytest

from fairlead.kube.adopt import adopt
from fairlead.kube.apply import apply
from fairlead.kube.errors import ConflictError
from fairlead.kube.rest import KubeClient
from fairlead.kube.writer import ClusterWriter
from fairlead.local.control_plane import ControlPlane
from tests.integration.kube.cluster import CONFIG_MAPS, config_map


async def test_what_kubectl_applied_leaves_the_cluster_with_git_once_adopted(
    control_plane: ControlPlane, client: KubeClient, writer: ClusterWriter, namespace: str
) -> None:
    body = msgspec.json.encode(config_map("a", kept="1", dropped="1"))
    await control_plane.kubectl("apply", "-n", namespace, "-f", "-", stdin=body)
    live = msgspec.json.decode(await client.get(CONFIG_MAPS, "a", namespace))
    assert await adopt(writer, CONFIG_MAPS, live) is not None
    done = await apply(writer, CONFIG_MAPS, "a", config_map("a", kept="1"), namespace)
    after = msgspec.json.decode(done.object)
    assert after["data"] == {"kept": "1"}
    assert await adopt(writer, CONFIG_MAPS, after) is None


async def test_an_object_that_changed_meanwhile_is_not_touched(
    control_plane: ControlPlane, client: KubeClient, writer: ClusterWriter, namespace: str
) -> None:
    body = msgspec.json.encode(config_map("a", k="1"))
    await control_plane.kubectl("apply", "-n", namespace, "-f", "-", stdin=body)
    live = msgspec.json.decode(await client.get(CONFIG_MAPS, "a", namespace))
    await client.merge_patch(CONFIG_MAPS, "a", {"data": {"k": "2"}}, namespace)
    with pytest.raises(ConflictError):
        await adopt(writer, CONFIG_MAPS, live)
