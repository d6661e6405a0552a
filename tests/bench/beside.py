"""Applications beside four times as many whose cluster does not answer: how soon they deploy and heal.

The cluster that does not answer takes every connection and never says a word, which costs a caller more than
one that refuses. Each round has applications of its own, so that all are first attempts; a round before all
others warms what is warm from then on, and is not counted.
"""

import asyncio
import base64
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import msgspec

from fairlead.local.ports import LOOPBACK
from tests.bench.errors import BenchError
from tests.bench.many import shares
from tests.bench.meter import Spent
from tests.bench.objects import APPLICATIONS, DEPLOYMENTS, SECRETS, Deployment
from tests.bench.report import Figure, Measured, median
from tests.bench.stage import SETTLE_SECONDS, Stage, create, gather, publish, until_settled
from tests.bench.workload import Workload, application, workloads

ROUNDS = 3
DEAF_FOR_EACH = 4
BAR_TIMES = 1.2
PAUSE_SECONDS = 3.0
TAKEN_UP_SECONDS = 20.0
"""Given to the controller to find out that the cluster does not answer."""
BY_HAND = 3
MANAGER = "bench-drift"
DEAF = "deaf"


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds from the first creation until all are Synced and Healthy, and from the first edit until all
    are as in Git again."""

    deployed: float
    healed: float
    spent: Spent


async def measure(stage: Stage, count: int) -> Measured:
    """Raises BenchError when something does not become what it is to be."""
    names = ["warm", *(f"{part}{number}" for part in ("alone", "beside") for number in range(ROUNDS))]
    batches = [workloads(name, count) for name in names]
    deaf = workloads(DEAF, DEAF_FOR_EACH * count)
    await publish(stage, [item for batch in (*batches, deaf) for item in batch])
    rounds = [await _round(stage, batch) for batch in batches[: 1 + ROUNDS]]
    async with _deaf_cluster() as (server, calls):
        await _register(stage, server)
        bodies = [_on_deaf(application(item, stage.url, stage.namespace)) for item in deaf]
        await gather(stage.client.create(APPLICATIONS, body, stage.namespace) for body in bodies)
        await asyncio.sleep(TAKEN_UP_SECONDS)
        rounds += [await _round(stage, batch) for batch in batches[1 + ROUNDS :]]
        answered = sum(stage.applications.known[key].is_settled for key in stage.keys(deaf))
    if not calls:
        raise BenchError("the cluster that does not answer was never called")
    return _told(rounds[1 : 1 + ROUNDS], rounds[1 + ROUNDS :], count, answered, len(calls))


async def _round(stage: Stage, items: list[Workload]) -> Round:
    await asyncio.sleep(PAUSE_SECONDS)
    meter = stage.meter()
    began = time.monotonic()
    await create(stage, items)
    deployed = await until_settled(stage, items) - began
    await asyncio.sleep(PAUSE_SECONDS)
    healed = await _healed(stage, items)
    await until_settled(stage, items)
    return Round(deployed=deployed, healed=healed, spent=meter.spent())


async def _healed(stage: Stage, items: list[Workload]) -> float:
    began = time.monotonic()
    answers = await gather(
        stage.client.merge_patch(
            DEPLOYMENTS,
            item.name,
            {"spec": {"replicas": BY_HAND}},
            item.namespace,
            params={"fieldManager": MANAGER},
        )
        for item in items
    )
    patched = {item.name: _version(answer) for item, answer in zip(items, answers, strict=True)}

    def is_healed(found: Deployment) -> bool:
        version = int(found.metadata.resource_version)
        return found.spec.replicas != BY_HAND and version > patched[found.metadata.name]

    keys = [(item.namespace, item.name) for item in items]
    return (
        await stage.deployments.until(keys, is_healed, seconds=SETTLE_SECONDS + len(items), what="healed")
        - began
    )


def _version(answer: bytes) -> int:
    return int(msgspec.json.decode(answer)["metadata"]["resourceVersion"])


@asynccontextmanager
async def _deaf_cluster() -> AsyncIterator[tuple[str, list[float]]]:
    """Its address, and when it was called."""
    calls: list[float] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls.append(time.monotonic())
        with suppress(ConnectionError):
            while await reader.read(2**16):
                pass
        writer.close()

    server = await asyncio.start_server(listen, LOOPBACK, 0)
    try:
        yield f"https://{LOOPBACK}:{server.sockets[0].getsockname()[1]}", calls
    finally:
        server.close()


async def _register(stage: Stage, server: str) -> None:
    config = msgspec.json.encode({"bearerToken": "none", "tlsClientConfig": {"insecure": True}})
    data = {"name": DEAF.encode(), "server": server.encode(), "config": config}
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": DEAF, "labels": {"argocd.argoproj.io/secret-type": "cluster"}},
        "data": {key: base64.b64encode(value).decode() for key, value in data.items()},
    }
    await stage.client.create(SECRETS, body, stage.namespace)


def _on_deaf(body: dict[str, object]) -> dict[str, object]:
    spec = body["spec"]
    assert isinstance(spec, dict)
    spec["destination"] = {"name": DEAF, "namespace": spec["destination"]["namespace"]}
    return body


def _told(alone: list[Round], beside: list[Round], count: int, answered: int, calls: int) -> Measured:
    figures = []
    for name, before, after in (
        ("deploy", [item.deployed for item in alone], [item.deployed for item in beside]),
        ("heal", [item.healed for item in alone], [item.healed for item in beside]),
    ):
        figures += [
            Figure(
                name=f"{name}: ratio of beside to alone",
                value=median(after) / median(before),
                unit="times",
                bar=BAR_TIMES,
                note=f"medians of {len(alone)} rounds each",
                disturbance=max(item.spent.disturbance for item in (*alone, *beside)),
            ),
            Figure(name=f"{name} alone", value=median(before), unit="s", note=_each(before)),
            Figure(name=f"{name} beside", value=median(after), unit="s", note=_each(after)),
        ]
    for name, rounds in (("alone", alone), ("beside", beside)):
        middle = sorted(rounds, key=lambda item: item.spent.cpu_seconds)[len(rounds) // 2]
        figures.append(
            Figure(
                name=f"CPU of our processes in a round {name}",
                value=middle.spent.cpu_seconds,
                unit="CPU-s",
                note=shares(middle.spent.ours),
            )
        )
    deaf = DEAF_FOR_EACH * count
    figures.append(
        Figure(
            name="of the others Synced and Healthy",
            value=answered,
            unit=f"of {deaf}",
            bar=0,
            note=f"their cluster was called {calls} times",
        )
    )
    return Measured(
        title=f"{count} applications beside {deaf} on a cluster that does not answer",
        figures=tuple(figures),
        details={"alone": alone, "beside": beside},
    )


def _each(values: list[float]) -> str:
    return ", ".join(f"{value:.2f}" for value in values)
