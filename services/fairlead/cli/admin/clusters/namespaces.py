"""`admin cluster namespaces`: which namespaces are deployed to, and managing no others.

The invariant: a cluster is limited only to namespaces that are in use, and only where a Secret declares it.
"""

from fnmatch import fnmatchcase

import msgspec

from fairlead.cli.admin.clusters.declared import Declared, applications, read, used_namespaces
from fairlead.cli.admin.control_plane import SECRETS, at
from fairlead.cli.command import Invocation, Values
from fairlead.cli.view.columns import columns
from fairlead.kube.rest import KubeClient

SHOWN = 4
"""Namespaces that are named before they are counted."""


def show(call: Invocation) -> None:
    """Print the namespaces of each cluster that are deployed to."""
    call.exactly()
    used = at(call.values, _used)
    rows = [(cluster.server, _word(names)) for cluster, names in used]
    print(columns([("CLUSTER", "NAMESPACES"), *rows]), end="")


def enable(call: Invocation) -> None:
    """Limit the clusters that match to the namespaces deployed to."""
    values, pattern = call.values, call.one("pattern of cluster addresses")

    async def write(client: KubeClient, namespace: str) -> None:
        for cluster, names in await _used(client, namespace):
            if not names or len(names) > values.number("max-namespace-count"):
                continue
            if not fnmatchcase(cluster.server, pattern):
                continue
            print(
                f"Setting cluster {cluster.server} namespaces to [{' '.join(names)}]...", end="", flush=True
            )
            resources = str(values.switch("cluster-resources")).lower()
            change = {"namespaces": ",".join(names), "clusterResources": resources}
            await _set(client, namespace, cluster, change, values)

    at(values, write)


def disable(call: Invocation) -> None:
    """Limit the clusters that match no longer."""
    values, pattern = call.values, call.one("pattern of cluster addresses")

    async def write(client: KubeClient, namespace: str) -> None:
        for cluster in await read(client, namespace):
            if not cluster.namespaces or not fnmatchcase(cluster.server, pattern):
                continue
            print(f"Disabling namespaced mode for cluster {cluster.server}...", end="", flush=True)
            await _set(client, namespace, cluster, {"namespaces": ""}, values)

    at(values, write)


async def _used(client: KubeClient, namespace: str) -> list[tuple[Declared, list[str]]]:
    apps = await applications(client, namespace)
    return [(cluster, used_namespaces(cluster, apps)) for cluster in await read(client, namespace)]


async def _set(
    client: KubeClient, namespace: str, cluster: Declared, change: dict[str, str], values: Values
) -> None:
    if not cluster.secret:
        print("skipped: no Secret declares it")
        return
    if values.switch("dry-run"):
        print("done (dry run)")
        return
    body = msgspec.json.encode({"stringData": change})
    await client.merge_patch(SECRETS, cluster.secret, body, namespace)
    print("done")


def _word(names: list[str]) -> str:
    shown = ",".join(names[:SHOWN])
    return f"{shown} (total {len(names)})" if len(names) > SHOWN else shown
