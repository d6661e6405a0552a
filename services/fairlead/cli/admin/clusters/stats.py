"""`admin cluster shards` and `stats`: which replica of the controller has which cluster, and how much it is.

Who owns what is read from the replicas' Leases; without one that holds, nobody does. Objects are counted as
the applications' statuses list them: those that are managed.
"""

import time

import msgspec

from fairlead.cli.admin.clusters.declared import Declared, Manifest, applications, read, used_namespaces
from fairlead.cli.admin.control_plane import at
from fairlead.cli.command import Invocation, Values
from fairlead.cli.errors import CliError
from fairlead.cli.view.columns import columns
from fairlead.kube.connection import from_cluster_secret
from fairlead.kube.errors import KubeError
from fairlead.kube.rest import KubeClient
from fairlead.process.lease import Lease, Leases
from fairlead.process.shard import View

GROUP = "app-controller"
LAPSED = 60.0
"""Seconds without renewal after which a replica counts as gone, which renews every two."""
NOBODY = -1
"""The shard of a cluster that no replica has."""


class Stand(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a cluster there is, and whose it is."""

    cluster: Declared
    shard: int
    connection: str
    namespaces: int
    apps: int
    objects: int


def shards(call: Invocation) -> None:
    """Print how many objects each replica has."""
    call.exactly()
    counts: dict[int, int] = {}
    for stand in at(call.values, lambda client, home: _stands(client, home, call.values)):
        counts[stand.shard] = counts.get(stand.shard, 0) + stand.objects
    if not counts:
        return
    average = sum(counts.values()) / len(counts)
    rows = [
        (_shard(shard), f"{count} ({_percent(count, average)}%)") for shard, count in sorted(counts.items())
    ]
    print(columns([("SHARD", "RESOURCES COUNT"), *rows]), end="")


def stats(call: Invocation) -> None:
    """Print each cluster, or the one that is named."""
    named = call.at_most_one("cluster")
    found = at(call.values, lambda client, home: _stands(client, home, call.values))
    if named:
        found = [each for each in found if named in (each.cluster.server, each.cluster.name)]
        if not found:
            raise CliError(f"there is no cluster {named} in this shard, or at all")
    titles = ("SERVER", "SHARD", "CONNECTION", "NAMESPACES COUNT", "APPS COUNT", "RESOURCES COUNT")
    print(columns([titles, *map(_row, found)]), end="")


def _row(stand: Stand) -> tuple[str, ...]:
    numbers = (stand.namespaces, stand.apps, stand.objects)
    return (stand.cluster.server, _shard(stand.shard), stand.connection, *map(str, numbers))


def _shard(shard: int) -> str:
    return "-" if shard == NOBODY else str(shard)


def _percent(count: int, average: float) -> int:
    return round(100 * count / average) if average else 100


async def _stands(client: KubeClient, namespace: str, values: Values) -> list[Stand]:
    clusters = await read(client, namespace)
    apps = await applications(client, namespace)
    owners = await _owners(client, namespace, clusters)
    chosen = values.number("shard")
    kept = [each for each in clusters if chosen < 0 or owners[each.server] == chosen]
    return [
        await _stand(
            client, cluster, owners[cluster.server], [a for a in apps if cluster.is_destination_of(a)]
        )
        for cluster in kept
    ]


async def _stand(client: KubeClient, cluster: Declared, shard: int, apps: list[Manifest]) -> Stand:
    return Stand(
        cluster=cluster,
        shard=shard,
        connection=await _connection(client, cluster),
        namespaces=len(used_namespaces(cluster, apps)),
        apps=len(apps),
        objects=sum(len((app.get("status") or {}).get("resources") or []) for app in apps),
    )


async def _connection(client: KubeClient, cluster: Declared) -> str:
    """Whether the cluster answers to what its Secret says, as seen from here."""
    try:
        if not cluster.config:
            await client.reaches("/version")
            return "Successful"
        async with KubeClient(from_cluster_secret(cluster.server, cluster.config)) as there:
            await there.reaches("/version")
    except KubeError:
        return "Failed"
    return "Successful"


async def _owners(client: KubeClient, namespace: str, clusters: list[Declared]) -> dict[str, int]:
    """The shard of each cluster, by the replicas whose Leases hold."""
    leases = {each.holder: each for each in await Leases(client, namespace, GROUP).all() if _holds(each)}
    pins = {each.server: each.shard for each in clusters if each.shard is not None}
    view = View(members={name: lease.shard for name, lease in leases.items()}, pins=pins)
    return {each.server: _shard_of(view, each.server) for each in clusters}


def _shard_of(view: View, server: str) -> int:
    owner = view.owner(server)
    return view.members[owner] if owner else NOBODY


def _holds(lease: Lease) -> bool:
    """Whether the Lease was renewed within its time; the clock of who wrote it may be somewhat off."""
    renewed = lease.renewed_at
    return renewed is not None and time.time() - renewed.timestamp() <= LAPSED
