"""Played clusters in processes of their own, and the Secrets that register them.

Invariant: they end with the measurement, whatever becomes of it.
"""

import asyncio
import base64
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from fairlead.local.pki import ensure_pki
from fairlead.local.ports import LOOPBACK
from tests.fakes.clusters.__main__ import State
from tests.fakes.clusters.population import Population

LINE_BYTES = 1 << 24
WRITES = ("apply", "create", "patch", "update", "delete")


class Played:
    """All of them; `states` is what they say of themselves."""

    def __init__(
        self, process: asyncio.subprocess.Process, states: list[State], population: Population, ca: bytes
    ) -> None:
        self.states = states
        self.population = population
        self._process = process
        self._ca = ca

    @property
    def pid(self) -> int:
        """Of the process that plays."""
        return self._process.pid

    async def look(self) -> list[State]:
        """What they say now."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(b"state\n")
        self.states = msgspec.json.decode(await self._process.stdout.readline(), type=list[State])
        return self.states

    async def writes(self) -> int:
        """How often they were written to."""
        return sum(state.counts.get(verb, 0) for state in await self.look() for verb in WRITES)

    async def touch(self, number: int, count: int) -> None:
        """Have that many objects of a cluster change that no application is of."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"touch {number} {count}\n".encode())
        await self._process.stdout.readline()

    def server(self, number: int) -> str:
        """The address of a cluster."""
        return f"https://{LOOPBACK}:{self.states[number].port}"

    def secret(self, number: int, namespace: str) -> dict[str, object]:
        """What registers a cluster."""
        config = {"bearerToken": "played", "tlsClientConfig": {"caData": base64.b64encode(self._ca).decode()}}
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": f"cluster-{number:04d}",
                "namespace": namespace,
                "labels": {"argocd.argoproj.io/secret-type": "cluster"},
            },
            "stringData": {
                "name": f"played-{number:04d}",
                "server": self.server(number),
                "config": msgspec.json.encode(config).decode(),
            },
        }


@asynccontextmanager
async def playing(
    folder: Path, clusters: int, objects: int, applications: int, *, http2: bool = True
) -> AsyncIterator[Played]:
    """So many clusters over TLS, each with so many objects, the first of which belong to applications."""
    pki = ensure_pki(folder / "pki")
    argv = ["-m", "tests.fakes.clusters", f"--clusters={clusters}", f"--objects={objects}"]
    argv += [f"--applications={applications}", f"--pki={folder / 'pki'}", *(["--http2"] if http2 else [])]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *argv,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LINE_BYTES,
    )
    assert process.stdin
    assert process.stdout
    try:
        states = msgspec.json.decode(await process.stdout.readline(), type=list[State])
        yield Played(process, states, Population(objects, applications), pki.ca.certificate.read_bytes())
    finally:
        process.stdin.close()
        await process.wait()
