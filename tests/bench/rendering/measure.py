"""A warm render, an application's answer, a thousand at once, a commit that touches one of ten thousand."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from fairlead.events import Cause, RenderLevel
from fairlead.local.git_command import run_git
from fairlead.local.work_repo import WorkRepo
from fairlead.render import EngineConfig, PoolConfig, RenderPool, RenderRequest
from tests.bench.errors import BenchError
from tests.bench.processes import Processes
from tests.bench.rendering import files
from tests.bench.rendering.server import Rendering
from tests.bench.report import Figure, Measured, median, percentile

TRIALS = 200
COLD = 1000
COMMITS = 7
AT_ONCE = 64
BAR_OVERLAY_MS = 5.0
BAR_CHART_MS = 4.0
BAR_ANSWER_MS = 15.0
BAR_COLD = 150.0
BAR_AFFECTED_MS = 50.0
SINGLE, MANY = "single", "many"
PATHS = {"overlay": f"{files.OVERLAY}/live", "chart": files.CHART}


async def measure(server: Rendering, apps: int, add: Callable[[Measured], None]) -> None:
    """Raises BenchError."""
    await server.repository(SINGLE, files.single())
    for app, path in PATHS.items():
        await server.want(SINGLE, app, path)
        sent = await server.ask(SINGLE, app, RenderLevel.CACHED, Cause.SPEC_CHANGED)
        await server.until(app, after=sent)
    add(await _renders(server))
    add(await _answers(server))
    work = await server.repository(MANY, files.many(apps))
    add(await _cold(server, apps))
    add(await _one_of_many(server, work, apps))


async def _renders(server: Rendering) -> Measured:
    """The engine alone, as the repo-server asks it."""
    mirror = _mirror_of(server)
    commit = server.answers["overlay"][1].revisions[0]
    figures = []
    async with RenderPool(
        PoolConfig(engine=EngineConfig(binary=server.engine, mirrors=server.mirrors))
    ) as pool:
        for (app, path), bar in zip(PATHS.items(), (BAR_OVERLAY_MS, BAR_CHART_MS), strict=True):
            request = RenderRequest(mirror=mirror, commit=commit, path=path, release_name="web")
            seconds = []
            for _ in range(TRIALS):
                began = time.perf_counter()
                result = await pool.render(request)
                seconds.append(time.perf_counter() - began)
            figures += [
                Figure(
                    name=f"{app}, median",
                    value=1000 * median(seconds),
                    unit="ms",
                    bar=bar,
                    note=f"{len(result.documents)} objects;"
                    f" 95th percentile {1000 * percentile(seconds, 0.95):.1f} ms",
                )
            ]
    return Measured(title="a warm render, asked of the engine", figures=tuple(figures))


async def _answers(server: Rendering) -> Measured:
    """From the request's event until its answer is heard, when the set is in Redis; each is rendered anew."""
    figures = []
    for app in PATHS:
        seconds = []
        for _ in range(TRIALS):
            sent = await server.ask(SINGLE, app, RenderLevel.CACHED, Cause.CACHE_LOST)
            seconds.append(await server.until(app, after=sent) - sent)
        figures.append(
            Figure(
                name=f"{app}, median",
                value=1000 * median(seconds),
                unit="ms",
                bar=BAR_ANSWER_MS,
                note=f"95th percentile {1000 * percentile(seconds, 0.95):.1f} ms",
            )
        )
    return Measured(title="an application's answer, rendered anew", figures=tuple(figures))


async def _cold(server: Rendering, apps: int) -> Measured:
    """All of the many for the first time; the rate is of the first thousand that were asked for at once."""
    names = [_name(number) for number in range(apps)]
    gate = asyncio.Semaphore(AT_ONCE)

    async def put(number: int) -> None:
        async with gate:
            await server.want(MANY, names[number], files.path(number))

    async def ask(number: int) -> None:
        async with gate:
            await server.ask(MANY, names[number], RenderLevel.CACHED, Cause.SPEC_CHANGED)

    await asyncio.gather(*(put(number) for number in range(apps)))
    sent = await server.ask(MANY, names[0], RenderLevel.CACHED, Cause.SPEC_CHANGED)
    await server.until(names[0], after=sent)
    count = min(COLD, apps - 1)
    before, began = Processes(), time.monotonic()
    await asyncio.gather(*(ask(number) for number in range(1, count + 1)))
    heard = [await server.until(name) for name in names[1 : count + 1]]
    spent = Processes().cpu_seconds(server.roots())
    first = before.cpu_seconds(server.roots())
    used = {name: spent[name] - first.get(name, 0.0) for name in spent}
    await asyncio.gather(*(ask(number) for number in range(count + 1, apps)))
    for name in names:
        await server.until(name)
    took = max(heard) - began
    return Measured(
        title=f"{count} cold renders",
        figures=(
            Figure(
                name="answers a second",
                value=count / took,
                unit="",
                bar=BAR_COLD,
                is_floor=True,
                note=f"asked for at once, the repository is fetched already; {took:.1f} s",
            ),
            Figure(
                name="CPU of each",
                value=1000 * sum(used.values()) / count,
                unit="CPU-ms",
                note=", ".join(f"{name} {1000 * value / count:.1f}" for name, value in used.items()),
            ),
        ),
    )


async def _one_of_many(server: Rendering, work: WorkRepo, apps: int) -> Measured:
    """A commit that touches one of them; from the event of the webhook until its answer is heard."""
    copy = server.folder / "fetched.git"
    await run_git("clone", "--quiet", "--bare", server.git.repo_url(MANY), copy, folder=server.folder)
    seconds, fetches = [], []
    for trial in range(COMMITS):
        app = _name(trial % apps)
        commit = await work.publish(files.changed(trial % apps, f"2.{trial}"), f"change {trial}")
        told = dict(server.answers)
        sent = await server.webhook(MANY)
        at = await server.until(app, lambda answer, of=commit: answer.revisions == (of,), after=sent)
        seconds.append(at - sent)
        began = time.perf_counter()
        await run_git("fetch", "--quiet", "origin", "+refs/heads/*:refs/heads/*", folder=copy)
        fetches.append(time.perf_counter() - began)
        if others := [one for one in server.answers if one != app and server.answers[one] != told.get(one)]:
            raise BenchError(f"a commit that touches one application answered for {len(others)} others")
    return Measured(
        title=f"a commit that touches 1 of {apps} in one repository",
        figures=(
            Figure(
                name="webhook → answer, median",
                value=1000 * median(seconds),
                unit="ms",
                note="fetch, who is affected, one render; nobody else was answered",
            ),
            Figure(name="git fetch by hand, median", value=1000 * median(fetches), unit="ms"),
            Figure(
                name="the first less the second",
                value=1000 * (median(seconds) - median(fetches)),
                unit="ms",
                bar=BAR_AFFECTED_MS,
                note="who is affected, and the render",
            ),
        ),
        details={"seconds": seconds, "fetches": fetches},
    )


def _name(number: int) -> str:
    return f"app-{number:05}"


def _mirror_of(server: Rendering) -> Path:
    found = [path for path in server.mirrors.iterdir() if (path / "HEAD").exists()]
    if len(found) != 1:
        raise BenchError(f"{len(found)} mirrors where one was expected")
    return found[0]
