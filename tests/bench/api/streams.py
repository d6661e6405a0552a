"""Many streams while Applications change all the time: each of one Application, or each of all of them."""

import asyncio
import time

import aiohttp

from tests.bench.api.server import Api, change, followed
from tests.bench.api.size import Size
from tests.bench.errors import BenchError
from tests.bench.report import Figure, Measured

STREAMS = 1000.0
CHANGES_A_SECOND = 100.0
SECONDS = 20.0
REST_SECONDS = 3.0
AT_ONCE = 32
"""Changes on their way to the apiserver."""
BAR_PERCENT = 60.0
BAR_MIB = 300.0


async def measure(api: Api, size: Size) -> Measured:
    """Streams of one Application each. Raises BenchError when the server does not take so many."""
    count = int(size.of(STREAMS))
    paths = [f"?name=app-{number % size.apps:04}" for number in range(count)]
    title = f"{count} streams of one application each"
    return await _measured(api, size, title, paths, told_of_each=1)


async def measure_whole(api: Api, size: Size) -> Measured:
    """Streams of all Applications, as browsers have them open. Raises BenchError."""
    count = int(size.of(STREAMS))
    headers = {"Authorization": f"Bearer {api.admin}"}
    url = f"{api.url}/api/v1/applications?fields=metadata.resourceVersion"
    async with aiohttp.ClientSession(headers=headers) as http, http.get(url) as answer:
        version = (await answer.json())["metadata"]["resourceVersion"]
    title = f"{count} streams of all {size.apps} applications"
    return await _measured(api, size, title, [f"?resourceVersion={version}"] * count, told_of_each=count)


async def _measured(api: Api, size: Size, title: str, paths: list[str], *, told_of_each: int) -> Measured:
    requests = [
        api.request(f"/api/v1/stream/applications{path}", _token(api, number))
        for number, path in enumerate(paths)
    ]
    before = api.memory().rss
    began = time.monotonic()
    async with followed(api, requests) as streams:
        open_ = (await streams.told())["open"]
        opened = time.monotonic() - began
        if not open_:
            raise BenchError("the API server took none of the streams")
        await asyncio.sleep(REST_SECONDS)
        streams.go_on()
        await streams.told()
        window = api.window()
        changes = await _changes(api, size, len(paths))
        spent, memory = window.spent(), api.memory()
        await asyncio.sleep(REST_SECONDS)
        streams.go_on()
        end = await streams.told()
    return Measured(
        title=f"{title}, {size.of(CHANGES_A_SECOND):.0f} changes a second",
        figures=(
            Figure(
                name="streams that were taken",
                value=open_,
                unit="",
                bar=size.bar(STREAMS),
                is_floor=True,
                note=f"in {opened:.1f} s; {end['open']} still open at the end",
            ),
            Figure(
                name="the server",
                value=spent.percent,
                unit="% of a core",
                bar=size.bar(BAR_PERCENT),
                note=f"{changes / spent.seconds:.0f} changes a second were made;"
                f" of {changes * told_of_each} lines {end['lines']} were told",
                disturbance=spent.disturbance,
            ),
            Figure(
                name="RSS",
                value=memory.rss,
                unit="MiB",
                bar=size.bar(BAR_MIB),
                note=f"{before:.0f} before the first stream",
            ),
        ),
        details={"spent": spent, "changes": changes, "told": end},
    )


async def _changes(api: Api, size: Size, streams: int) -> int:
    """Change followed Applications in turn at the rate, or as fast as the apiserver takes it; how many."""
    began, made, rate = time.monotonic(), 0, size.of(CHANGES_A_SECOND)
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with gate:
            await change(api, number % min(streams, size.apps), number + 1)

    async with asyncio.TaskGroup() as group:
        while time.monotonic() < began + SECONDS:
            due = int((time.monotonic() - began) * rate)
            while made < due and not gate.locked():
                group.create_task(one(made))
                made += 1
                await asyncio.sleep(0)
            await asyncio.sleep(0.005)
    return made


def _token(api: Api, number: int) -> str:
    return api.tokens[number % len(api.tokens)]
