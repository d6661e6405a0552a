"""`python -m tests.bench`: measure, print the table, write the JSON.

Exit code 0 whatever the figures are; 1 only when something that was to be measured did not happen.
"""

import argparse
import asyncio
import datetime
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import structlog

from fairlead.kube.errors import KubeError
from fairlead.local.errors import LocalError
from tests.bench import (
    beside,
    bulk,
    charts,
    commit,
    drift,
    followers,
    idle,
    live_objects,
    many,
    mirror,
    over_ssh,
    push,
)
from tests.bench.api.measure import measure as measure_api
from tests.bench.api.server import open_api
from tests.bench.api.size import APPS as API_APPS
from tests.bench.errors import BenchError
from tests.bench.rendering.measure import measure as measure_rendering
from tests.bench.rendering.server import open_rendering
from tests.bench.report import Measured, Report, new_report, table, write
from tests.bench.scale.measure import PARTS
from tests.bench.scale.measure import measure as measure_scale
from tests.bench.scale.size import APPLICATIONS, CLUSTERS, OBJECTS, PROCESSES, Size
from tests.bench.stage import Stage, open_stage
from tests.bench.ui.measure import measure as measure_ui

FOLDER = "bench-results"
SMALL = ("push", "drift")
"""On a suite with few applications."""
LARGE = ("many", "memory", "commit", "idle", "bulk")
"""On one with many; in this order, and `many` whenever there is another of them."""
ASKED = ("beside", "followers", "api", "ui", "rendering", "ssh", "mirror", "charts", "scale", "objects")
"""Only when they are named, each on a suite of its own: with --apps 100 beside 400, with --apps 3000 for
seven minutes after all are Healthy; the API server alone with 2,000, the web UI in a browser with 10,000, the
repo-server alone with 10,000, or as many as --apps says; push over SSH beside HTTP; a mirror of 100,000 files
and 50,000 commits beside git; charts from their archives and out of a large index; 50,000 live objects by
themselves; the controller alone with 500 played clusters of 2,000 objects and with 10,000 applications
(--scale, --clusters, --objects, --processes)."""
APPS = 300
MIRROR_FILES, MIRROR_COMMITS = 100_000, 50_000
RENDERED_APPS = 10_000
LOG_LINES = 15


class Bench:
    """One run."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.api_apps: int = options.apps or API_APPS
        self.apps: int = options.apps or APPS
        self.rendered_apps: int = options.apps or RENDERED_APPS
        self.size = Size(
            applications=options.apps or APPLICATIONS,
            clusters=options.clusters,
            objects=options.objects,
            processes=options.processes,
        )
        self.parts: Sequence[str] = options.scale or PARTS
        self.trials: int = options.trials
        self.only: Sequence[str] = options.only or (*SMALL, *LARGE)
        self.keep: bool = options.keep
        self.report: Report = new_report(self.apps, self.trials)
        self.folder = Path(tempfile.mkdtemp(prefix="fairlead-bench-"))

    async def run(self) -> None:
        """All that was asked for; raises BenchError, LocalError or KubeError."""
        if any(name in self.only for name in SMALL):
            async with open_stage(self.folder / "small", {}) as stage:
                await self._small(stage)
        if any(name in self.only for name in LARGE):
            async with open_stage(self.folder / "large", {}) as stage:
                await self._large(stage)
        if "beside" in self.only:
            async with open_stage(self.folder / "beside", {}) as stage:
                self._add(await beside.measure(stage, self.apps))
        if "followers" in self.only:
            async with open_stage(self.folder / "followers", {}) as stage:
                self._add(await many.measure(stage, self.apps))
                self._add(await followers.measure(stage, many.fleet(self.apps)))

        if "ssh" in self.only:
            async with open_stage(self.folder / "ssh", {}) as stage:
                self._add(await over_ssh.measure(stage, self.trials))
        if "mirror" in self.only:
            self._add(await mirror.measure(self.folder / "mirror", MIRROR_FILES, MIRROR_COMMITS))
        if "charts" in self.only:
            self._add(await charts.measure(self.folder / "charts", self.trials))
        if "scale" in self.only:
            await measure_scale(self.folder / "scale", self.size, self.parts, self._add)
        if "objects" in self.only:
            self._add(await live_objects.measure())
        if "api" in self.only:
            async with open_api(self.folder / "api") as server:
                await measure_api(server, self.api_apps, self._add)
        if "ui" in self.only:
            await measure_ui(self.folder / "ui", self.rendered_apps, self._add)
        if "rendering" in self.only:
            async with open_rendering(self.folder / "rendering") as rendering:
                await measure_rendering(rendering, self.rendered_apps, self._add)

    def close(self, *, failed: bool) -> None:
        """Remove the data; of a run that failed, show the ends of the logs first."""
        if failed:
            for file in sorted(
                [
                    *self.folder.glob("*/suite/logs/*.log"),
                    *self.folder.glob("api/*.log"),
                    *self.folder.glob("ui/api/*.log"),
                    *self.folder.glob("rendering/*.log"),
                    *self.folder.glob("scale/*/app-controller.log"),
                ]
            ):
                lines = file.read_text(errors="replace").splitlines()[-LOG_LINES:]
                print(f"\n--- {file.name}\n" + "\n".join(lines), file=sys.stderr)
        if self.keep:
            print(f"data and logs are left in {self.folder}", file=sys.stderr)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    async def _small(self, stage: Stage) -> None:
        if "push" in self.only:
            self._add(await push.measure(stage, self.trials))
        if "drift" in self.only:
            self._add(await drift.measure(stage, self.trials))

    async def _large(self, stage: Stage) -> None:
        self._add(await many.measure(stage, self.apps))
        if "memory" in self.only:
            self._add(many.weigh(stage, self.apps))
        if "commit" in self.only:
            self._add(await commit.measure(stage, many.fleet(self.apps)))
        if "idle" in self.only:
            self._add(await idle.measure(stage, self.apps))
        if "bulk" in self.only:
            self._add(await bulk.measure(stage, self.apps))

    def _add(self, measured: Measured) -> None:
        self.report.measured.append(measured)
        print(f"measured: {measured.title}", file=sys.stderr, flush=True)


def main() -> int:
    """Run and print; the exit code."""
    options = _options()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    bench = Bench(options)
    failure = ""
    try:
        asyncio.run(bench.run())
    except* (BenchError, LocalError, KubeError) as group:
        failure = "; ".join(_words(group))
    bench.close(failed=bool(failure))
    print(f"\n{table(bench.report)}\n")
    file = options.json or Path(FOLDER) / f"{datetime.datetime.now(datetime.UTC):%Y%m%dT%H%M%SZ}.json"
    write(bench.report, file)
    print(f"written: {file}")
    if failure:
        print(f"the run failed: {failure}", file=sys.stderr)
    return 1 if failure else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--apps", type=int, help="applications in one repository (300)")
    parser.add_argument("--trials", type=int, default=15, help="trials of push and of drift (15)")
    parser.add_argument("--json", type=Path, help=f"where the JSON goes (a new file in {FOLDER}/)")
    parser.add_argument("--only", nargs="+", choices=(*SMALL, *LARGE, *ASKED), help="measure these alone")
    parser.add_argument("--scale", nargs="+", choices=PARTS, help="parts of scale (all)")
    parser.add_argument("--clusters", type=int, default=CLUSTERS, help=f"played clusters ({CLUSTERS})")
    parser.add_argument("--objects", type=int, default=OBJECTS, help=f"objects of each ({OBJECTS})")
    parser.add_argument(
        "--processes", type=int, default=PROCESSES, help=f"of the controller with these ({PROCESSES})"
    )
    parser.add_argument("--keep", action="store_true", help="leave the data and logs of the run")
    options = parser.parse_args()
    if (options.apps is not None and options.apps < 1) or options.trials < 1:
        parser.error("--apps and --trials are at least 1")
    return options


def _words(group: BaseExceptionGroup[BaseException]) -> list[str]:
    found: list[str] = []
    for error in group.exceptions:
        found += _words(error) if isinstance(error, BaseExceptionGroup) else [str(error)]
    return found


if __name__ == "__main__":
    sys.exit(main())
