"""The keys on a real API server."""

import asyncio
from functools import partial

import msgspec

from fairlead.keys.store import SECRETS, complete
from fairlead.keys.wanted import missing, names
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.rest import KubeClient
from fairlead.local.control_plane import ControlPlane

NAMESPACE = "keys"
MISSING = partial(missing, hosts={"nats": ("argocd-nats",), "redis": ("argocd-redis",)})


async def test_several_that_start_at_once_agree_and_an_operators_own_entries_stay(
    control_plane: ControlPlane,
) -> None:
    await control_plane.kubectl("create", "namespace", NAMESPACE)
    await control_plane.kubectl(
        "-n", NAMESPACE, "create", "secret", "generic", "own", "--from-literal=mine=1"
    )
    async with KubeClient(from_kubeconfig(control_plane.kubeconfig)) as client:
        added = await asyncio.gather(*(complete(client, NAMESPACE, "own", MISSING) for _ in range(4)))
        assert sorted(name for each in added for name in each.added) == sorted(names())
        data = msgspec.json.decode(await client.get(SECRETS, "own", NAMESPACE))["data"]
        assert set(data) == {"mine", *names()}
        assert (await complete(client, NAMESPACE, "own", MISSING)).added == []
