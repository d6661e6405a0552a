"""An idle server's memory, lists of all Applications, and many small reads."""

import asyncio

import msgspec

from tests.bench.api.load import Answers, Load
from tests.bench.api.server import Api, application, called, loaded
from tests.bench.api.size import Size
from tests.bench.report import Figure, Measured, median, percentile

IDLE_SECONDS = 10.0
"""From when it listens until its memory is read."""
BAR_IDLE_MIB = 70.0
LISTS = 15
LISTS_A_SECOND = 3.0
SECONDS = (LISTS + 1) / LISTS_A_SECOND
BAR_GRPC_MS = 60.0
BAR_JSON_MS = 120.0
LIST_RPC = "/application.ApplicationService/List"
LIST_PATH = "/api/v1/applications"
READS_A_SECOND = 500.0
READ_SECONDS = 15.0
READ_CONNECTIONS = 64
BAR_READ_MS = 50.0


async def idle(api: Api) -> Measured:
    """Nobody has asked it anything but whether it is there."""
    await asyncio.sleep(IDLE_SECONDS)
    memory = api.memory()
    return Measured(
        title="an idle api-server, no Applications",
        figures=(
            Figure(name="RSS", value=memory.rss, unit="MiB", bar=BAR_IDLE_MIB),
            Figure(name="PSS", value=memory.pss, unit="MiB"),
        ),
        details={"memory": memory},
    )


async def lists(api: Api, size: Size) -> Measured:
    """From the request until its last byte, by a client that decodes nothing: more than the server's time."""
    window = api.window()
    grpc = await called(api, LIST_RPC, LISTS + 1)
    middle = api.window()
    request = api.request(LIST_PATH, api.admin)
    load = Load(port=api.port, requests=[request], rate=LISTS_A_SECOND, seconds=SECONDS, connections=1)
    json = await loaded(load)
    spent, of_json = window.spent(), middle.spent()
    whole = msgspec.json.encode(application(0))
    return Measured(
        title=f"app list of {size.apps} applications",
        figures=(
            Figure(
                name="over gRPC, median",
                value=1000 * median(grpc.seconds[1:]),
                unit="ms",
                bar=size.bar(BAR_GRPC_MS),
                note=f"{grpc.bytes / (LISTS + 1) / 2**20:.1f} MiB; the first {1000 * grpc.seconds[0]:.0f} ms,"
                " in which each is encoded once for as long as it does not change",
                disturbance=spent.disturbance,
            ),
            Figure(
                name="as JSON, median",
                value=1000 * median(json.seconds[1:]),
                unit="ms",
                bar=size.bar(BAR_JSON_MS),
                note=f"{json.bytes / len(json.seconds) / 2**20:.1f} MiB;"
                f" the first {1000 * json.seconds[0]:.0f} ms;"
                f" CPU {1000 * of_json.cpu_seconds / len(json.seconds):.0f} ms each",
            ),
            Figure(name="RSS afterwards", value=api.memory().rss, unit="MiB"),
        ),
        details={"grpc": grpc, "json": json, "bytes_of_one": len(whole), "spent": spent},
    )


async def reads(api: Api, size: Size) -> Measured:
    """Applications by name, projects and who the caller is, in turn, each reader with its own token."""
    window = api.window()
    answers = await loaded(reading(api, size, size.of(READS_A_SECOND), READ_SECONDS))
    spent = window.spent()
    return Measured(
        title=f"{size.of(READS_A_SECOND):.0f} authenticated reads a second",
        figures=(
            Figure(
                name="99th percentile",
                value=1000 * percentile(answers.seconds, 0.99),
                unit="ms",
                bar=size.bar(BAR_READ_MS),
                note=f"{said(answers)}; counted from when each was due",
                disturbance=spent.disturbance,
            ),
            Figure(name="median", value=1000 * median(answers.seconds), unit="ms"),
            Figure(name="the server", value=spent.percent, unit="% of a core", bar=size.bar(100.0)),
        ),
        details={"spent": spent, "statuses": answers.statuses},
    )


def reading(api: Api, size: Size, rate: float, seconds: float) -> Load:
    """Reads at a rate."""
    paths = [f"/api/v1/applications/app-{number * 7 % size.apps:04}" for number in range(60)]
    paths[::3] = ["/api/v1/session/userinfo"] * 20
    paths[1::6] = ["/api/v1/projects"] * 10
    requests = [api.request(path, api.tokens[at % len(api.tokens)]) for at, path in enumerate(paths)]
    return Load(port=api.port, requests=requests, rate=rate, seconds=seconds, connections=READ_CONNECTIONS)


def said(answers: Answers) -> str:
    """How many had each status, in words."""
    return ", ".join(
        f"{count} with {status if status > 0 else 'none'}"
        for status, count in sorted(answers.statuses.items())
    )
