"""Go modules of this repository, built once.

Why: the control plane takes minutes to compile; nobody should wait for it twice. Invariant: a file under the
cache's `builds` folder, outside its `.partial` folders, is a finished program whose inputs its folder's name
digests (see `kept`). Nothing that is imported here is installed by pip, so that compiling can begin beside
that.
"""

import asyncio
import hashlib
import os
import platform
import shutil
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fairlead.local.builder import run_builder
from fairlead.local.kept import Report, drop_old, locked, mark_used, partial_of
from fairlead.local.sources import cache_folder, source_folder
from fairlead.local.toolchain import go_command, required_version

KUBERNETES_VERSION = "v1.36.3"
REPORT_SECONDS = 15
LINK_SMALL = "-s -w"
COMPILE_LEAN = "all=-dwarf=false"
"""Flags of the compiler: what `-s -w` leaves out when linking need not be made."""
COMPILER_MEMORY = {"GOGC": "off", "GOMEMLIMIT": "1GiB"}
"""A compiler collects nothing before it has that: memory for time, which the first start is short of."""
VERSION_PACKAGE = "k8s.io/component-base/version"


@dataclass(frozen=True, kw_only=True)
class GoModule:
    """A module to build: where it is, what to call the result, and what is linked in."""

    name: str
    folder: str
    package: str = "."
    ldflags: str = LINK_SMALL
    inputs: tuple[str, ...] = ("**/go.mod", "go.sum", "**/*.go")
    expectation: str = "half a minute after the control plane"


CONTROLPLANE = GoModule(
    name="controlplane",
    folder="deploy/local/controlplane",
    ldflags=(
        f"{LINK_SMALL} -X {VERSION_PACKAGE}.gitVersion={KUBERNETES_VERSION}"
        f" -X {VERSION_PACKAGE}.gitMajor=1 -X {VERSION_PACKAGE}.gitMinor=36"
    ),
    expectation="about four minutes on two cores",
)
RENDER_ENGINE = GoModule(
    name="render-engine",
    folder="services/render_engine",
    inputs=("**/go.mod", "go.sum", "**/*.go", "**/*.lua", "**/*.json", "**/*.yaml"),
)
REGISTRY = GoModule(
    name="registry",
    folder="deploy/local/registry",
    expectation="half a minute, less where the others are built",
)
MODULES = {module.name: module for module in (CONTROLPLANE, RENDER_ENGINE, REGISTRY)}


def controlplane_binary() -> Path:
    """The control plane's programs, kubectl, and what plays the nodes, in one."""
    return binary(CONTROLPLANE)


def render_engine_binary() -> Path:
    """The engine that renders manifests."""
    return binary(RENDER_ENGINE)


def registry_binary() -> Path:
    """A registry of OCI artifacts, for demos and tests."""
    return binary(REGISTRY)


async def built(module: GoModule) -> Path:
    """`binary`, off the event loop; a cancellation ends the compiler and is answered once that is gone."""
    return await off_loop(lambda ended: binary(module, ended=ended))


async def off_loop(build: Callable[[threading.Event], Path]) -> Path:
    """What a build makes, off the event loop; a cancellation ends it and is answered once it has ended."""
    ended = threading.Event()
    work = asyncio.ensure_future(asyncio.to_thread(build, ended))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        ended.set()
        await asyncio.gather(work, return_exceptions=True)
        raise


def report_to_stderr(line: str) -> None:
    """Show a line of progress to whoever waits at the terminal."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


@dataclass(frozen=True, kw_only=True)
class _Job:
    """A build under way."""

    module: GoModule
    sources: Path
    report: Report
    ended: threading.Event
    linking: threading.Event


def binary(
    module: GoModule,
    *,
    report: Report = report_to_stderr,
    ended: threading.Event | None = None,
    linking: threading.Event | None = None,
) -> Path:
    """The built program; builds it when its inputs were never built here. Blocks: see `built`.

    Setting `ended` from another thread gives the build up; `linking` is set once all that it is made of is
    compiled. Raises BuildError, ToolMissingError or SourcesMissingError.
    """
    sources = source_folder(module.folder)
    job = _Job(
        module=module,
        sources=sources,
        report=report,
        ended=ended or threading.Event(),
        linking=linking or threading.Event(),
    )
    kept = cache_folder() / "builds" / f"{module.name}-{digest_of_inputs(module, sources)}"
    program = kept / module.name
    if program.exists():
        mark_used(kept)
        return program
    with locked(kept.parent / f"{module.name}.lock", module.name, report, job.ended):
        if not program.exists():
            _build(job, kept)
            drop_old(kept.parent, module.name)
    return program


def digest_of_inputs(module: GoModule, sources: Path) -> str:
    """sha256 over everything that decides the program, tests and test data left out; 64 hex digits."""
    digest = hashlib.sha256()
    for part in (platform.system(), platform.machine(), module.package, module.ldflags, COMPILE_LEAN):
        digest.update(part.encode() + b"\0")
    for file in sorted({found for pattern in module.inputs for found in sources.glob(pattern)}):
        name = file.relative_to(sources).as_posix()
        if not name.endswith("_test.go") and "testdata/" not in name:
            content = file.read_bytes()
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _build(job: _Job, kept: Path) -> None:
    module, report = job.module, job.report
    go = go_command(required_version(job.sources / "go.mod"))
    partial = partial_of(kept.parent, module.name)
    report(f"{module.name}: building, once for these sources ({module.expectation})")
    started = time.monotonic()
    try:
        _run_go(job, _argv(module, go, partial))
        partial.rename(kept)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    report(f"{module.name}: built in {time.monotonic() - started:.0f} s")


def _argv(module: GoModule, go: Path, partial: Path) -> list[str | Path]:
    command: list[str | Path] = [go, "build", "-v", "-trimpath", "-gcflags", COMPILE_LEAN]
    command += ["-ldflags", module.ldflags]
    return [*command, "-o", partial / module.name, module.package]


def _run_go(job: _Job, argv: list[str | Path]) -> None:
    """Go names each package when its turn comes, the program's own last."""
    program = (job.sources / "go.mod").read_text().split(maxsplit=2)[1]
    started = told = time.monotonic()

    def on_line(compiled: int, line: str) -> None:
        nonlocal told
        if line == program:
            job.linking.set()
        now = time.monotonic()
        if now - told > REPORT_SECONDS:
            told = now
            job.report(f"{job.module.name}: {compiled} packages after {now - started:.0f} s")

    env = {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off"}
    unless_given = {name: value for name, value in COMPILER_MEMORY.items() if name not in os.environ}
    run_builder(
        job.module.name, argv, cwd=job.sources, env=unless_given | env, ended=job.ended, on_line=on_line
    )
