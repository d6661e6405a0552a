"""Play clusters until the standard input ends; what is said of them goes to the standard output, a line each.

The first line says where they listen. A line `state` on the standard input is answered with what was asked of
each.
"""

import argparse
import asyncio
import sys
from pathlib import Path

import msgspec
import uvloop

from fairlead.local.pki import ensure_pki
from tests.fakes.clusters.population import Population
from tests.fakes.clusters.serving import Served, serving


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
        while await reader.readline():
            _say(states(served))


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
