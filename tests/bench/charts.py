"""A chart from its archive to a commit, beside git given its files; and one chart out of a large index."""

import asyncio
import random
import time
from pathlib import Path

from fairlead.archives import create_repository, unpack
from fairlead.charts import Index, import_chart
from fairlead.local.git_command import run_git
from fairlead.local.packing import packed_chart
from tests.bench.report import Figure, Measured, median

TITLE = "a chart from its archive, and from a large index"
FILES, LINES = 200, 350
"""Of the chart: some 5 KiB a file, 1 MiB in all."""
INDEX_BYTES, VERSIONS = 50 << 20, 300
BAR_IMPORT, BAR_INDEX = 30.0, 250.0
_ENTRY = """\
  - annotations:
      category: Infrastructure
      images: |
        - name: thing
          image: registry.example.com/some/thing:1.2.3-r0
    apiVersion: v2
    appVersion: 1.{n}.0
    created: "2026-01-02T03:04:05.123456789Z"
    dependencies:
    - name: common
      repository: oci://registry.example.com/charts
      version: 2.x.x
    description: A thing that does something with other things, and has a long description.
    digest: 0e6661f193211d7a5206918d42f5c2a9470b737da61b1a8bd1e2e8a6b1d0f0aa
    home: https://example.com
    keywords:
    - thing
    maintainers:
    - name: Somebody
      url: https://example.com/somebody
    name: {name}
    urls:
    - https://charts.example.com/{name}-1.{n}.0.tgz
    version: 1.{n}.0
"""


async def measure(folder: Path, trials: int) -> Measured:
    """Needs no server."""
    files = _files()
    archive = packed_chart("web", "1.0.0", files)
    imported, by_git = [], []
    for trial in range(trials):
        imported.append(await _imported(folder / f"{trial}.git", archive))
        by_git.append(await _by_git(folder / f"{trial}-git", archive))
    found, read, held = await _indexed(min(trials, 5))
    return Measured(
        title=TITLE,
        figures=(
            Figure(
                name=f"{FILES} files of a chart → commit", value=median(imported), unit="ms", bar=BAR_IMPORT
            ),
            Figure(name="the same by git, from files on disk", value=median(by_git), unit="ms"),
            Figure(
                name=f"charts found in an index of {INDEX_BYTES >> 20} MiB",
                value=median(found),
                unit="ms",
                bar=BAR_INDEX,
            ),
            Figure(name=f"one of its charts with {VERSIONS} versions", value=median(read), unit="ms"),
            Figure(name="longest that others waited meanwhile", value=max(held), unit="ms"),
        ),
        details={"archive": len(archive), "imported_ms": imported, "by_git_ms": by_git, "found_ms": found},
    )


def _files() -> dict[str, bytes | str]:
    draw = random.Random(1)  # noqa: S311 - the same files each time
    words = ["".join(draw.choices("abcdefghijklmnop", k=6)) for _ in range(400)]
    return {
        f"templates/{number}.yaml": "\n".join(
            f"{draw.choice(words)}: {draw.choice(words)}" for _ in range(LINES)
        )
        for number in range(FILES)
    }


async def _imported(path: Path, archive: bytes) -> float:
    path.parent.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    create_repository(path)
    await import_chart(path, archive, name="web", version="1.0.0")
    return (time.perf_counter() - started) * 1e3


async def _by_git(path: Path, archive: bytes) -> float:
    for file in unpack(archive):
        target = path / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.content)
    started = time.perf_counter()
    await run_git("init", "--quiet", folder=path)
    await run_git("add", "--all", folder=path)
    await run_git("write-tree", folder=path)
    return (time.perf_counter() - started) * 1e3


async def _indexed(trials: int) -> tuple[list[float], list[float], list[float]]:
    charts = []
    size = 0
    while size < INDEX_BYTES:
        name = f"chart-{len(charts)}"
        charts.append(f"  {name}:\n" + "".join(_ENTRY.format(n=n, name=name) for n in range(VERSIONS)))
        size += len(charts[-1])
    body = f"apiVersion: v1\nentries:\n{''.join(charts)}generated: now\n".encode()
    found, read, held = [], [], []
    waiting = asyncio.create_task(_waits(held))
    for _ in range(trials):
        started = time.perf_counter()
        index = await Index.read(body)
        between = time.perf_counter()
        await index.versions("chart-7")
        found.append((between - started) * 1e3)
        read.append((time.perf_counter() - between) * 1e3)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    return found, read, held


async def _waits(held: list[float]) -> None:
    """How long somebody else on the loop waits beyond what was asked for."""
    while True:
        started = time.perf_counter()
        await asyncio.sleep(0.001)
        held.append((time.perf_counter() - started - 0.001) * 1e3)
