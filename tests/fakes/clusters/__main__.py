"""Play clusters until the standard input ends; what is said of them goes to the standard output, a line each.

The first line says where they listen. A line `state` on the standard input is answered with what was asked of
each; with `touch NUMBER COUNT` so many Secrets of a cluster change before that.
"""

import argparse
import asyncio
import base64
import sys
from pathlib import Path

import msgspec
import uvloop

from fairlead.local.pki import ensure_pki
from tests.fakes.clusters.cluster import Cluster
from tests.fakes.clusters.kinds import BY_PATH
from tests.fakes.clusters.population import Population
from tests.fakes.clusters.serving import Served, serving

SECRETS = BY_PATH["", "v1", "secrets"]


class State(msgspec.Struct, frozen=True, kw_only=True):
    """Of one cluster."""

    number: int
    port: int
    connections: int
    most_connections: int
    counts: dict[str, int]


def states(served: Served) -> list[State]:
    """Of all clusters, as they are now."""
    return [
        State(
            number=cluster.number,
            port=port,
            connections=cluster.connections,
            most_connections=cluster.most_connections,
            counts=dict(cluster.counts),
        )
        for cluster, port in zip(served.clusters, served.ports, strict=True)
    ]


async def play(options: argparse.Namespace) -> None:
    """Until the standard input ends."""
    pki = ensure_pki(options.pki) if options.pki is not None else None
    numbers = range(options.first, options.first + options.clusters)
    population = Population(options.objects, options.applications)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    async with serving(numbers, population, pki=pki, http2=options.http2) as served:
        _say(states(served))
        while line := await reader.readline():
            verb, *words = line.decode().split()
            if verb == "touch":
                number, count = map(int, words)
                touch(served.clusters[number - options.first], count)
            _say(states(served))


def touch(cluster: Cluster, count: int) -> None:
    """Have that many objects change, the last ones of a kind that no application brings."""
    store, among = cluster.store, cluster.store.population.count(SECRETS)
    for number in range(count if among else 0):
        name = store.population.name(SECRETS, among - 1 - number % among)
        value = msgspec.json.decode(store.get(SECRETS, name) or b"")
        value["data"]["token"] = base64.b64encode(str(store.version).encode()).decode()
        store.put(SECRETS, name, value)


def _say(found: list[State]) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(found) + b"\n")
    sys.stdout.buffer.flush()


def main() -> None:
    """Read the options and play."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.clusters", description=__doc__)
    parser.add_argument("--first", type=int, default=0, help="number of the first cluster (0)")
    parser.add_argument("--clusters", type=int, default=1, help="how many (1)")
    parser.add_argument("--objects", type=int, default=2000, help="objects of each (2000)")
    parser.add_argument(
        "--applications", type=int, default=0, help="applications that objects of each are of (0)"
    )
    parser.add_argument("--pki", type=Path, help="folder of the keys; without, no TLS")
    parser.add_argument("--http2", action="store_true", help="speak HTTP/2 with who offers it")
    uvloop.run(play(parser.parse_args()))


if __name__ == "__main__":
    main()
