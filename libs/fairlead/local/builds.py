"""Go modules of this repository, built once.

Why: the control plane takes minutes to compile; nobody should wait for it twice. Invariant: a file under the
cache's `builds` folder, outside its `.partial` folders, is a finished program whose inputs its folder's name
digests; it appears by one rename, made by whoever holds the module's lock. Nothing that is imported here is
installed by pip, so that compiling can begin beside that.
"""

import asyncio
import fcntl
import hashlib
import os
import platform
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from fairlead.local.errors import BuildError
from fairlead.local.launcher import tied
from fairlead.local.sources import cache_folder, source_folder
from fairlead.local.toolchain import go_command, required_version

KUBERNETES_VERSION = "v1.36.3"
BUILD_SECONDS = 3600
POLL_SECONDS = 0.2
"""Between two looks at another process or thread."""
REPORT_SECONDS = 15
KEPT_BUILDS = 3
"""Of a module, those used last; and whatever was used within KEPT_SECONDS, which a suite may start again."""
KEPT_SECONDS = 24 * 3600
OUTPUT_TAIL_LINES = 30
LINK_SMALL = "-s -w"
COMPILE_LEAN = "all=-dwarf=false"
"""Flags of the compiler: what `-s -w` leaves out when linking need not be made."""
COMPILER_MEMORY = {"GOGC": "off", "GOMEMLIMIT": "1GiB"}
"""A compiler collects nothing before it has that: memory for time, which the first start is short of."""
VERSION_PACKAGE = "k8s.io/component-base/version"

Report = Callable[[str], None]


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
    ended = threading.Event()
    work = asyncio.ensure_future(asyncio.to_thread(binary, module, ended=ended))
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
        _mark_used(kept)
        return program
    with _lock(kept.parent / f"{module.name}.lock", module, report, job.ended):
        if not program.exists():
            _clear_leftovers(kept.parent, module.name)
            _build(job, kept)
            _drop_old(kept.parent, module.name)
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


@contextmanager
def _lock(file: Path, module: GoModule, report: Report, ended: threading.Event) -> Iterator[None]:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as handle:  # closing it, or dying, gives the lock up
        if not _is_taken(handle):
            report(f"{module.name}: another process is building it; waiting")
            while not _is_taken(handle):
                if ended.wait(POLL_SECONDS):
                    raise BuildError(f"{module.name}: given up while another process builds it")
        yield


def _is_taken(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _build(job: _Job, kept: Path) -> None:
    module, report = job.module, job.report
    go = go_command(required_version(job.sources / "go.mod"))
    partial = kept.parent / f".partial-{module.name}-{os.getpid()}"
    partial.mkdir()
    report(f"{module.name}: building, once for these sources ({module.expectation})")
    started = time.monotonic()
    try:
        _run_go(job, [str(part) for part in _argv(module, go, partial)])
        partial.rename(kept)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    report(f"{module.name}: built in {time.monotonic() - started:.0f} s")


def _argv(module: GoModule, go: Path, partial: Path) -> list[str | Path]:
    command: list[str | Path] = [go, "build", "-v", "-trimpath", "-gcflags", COMPILE_LEAN]
    command += ["-ldflags", module.ldflags]
    return [*command, "-o", partial / module.name, module.package]


def _run_go(job: _Job, argv: list[str]) -> None:
    env = {**COMPILER_MEMORY, **os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off"}
    child = subprocess.Popen(
        tied(argv), cwd=job.sources, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    done = threading.Event()
    watcher = threading.Thread(target=_kill_when_ended, args=(child.pid, job.ended, done), daemon=True)
    watcher.start()
    with child:
        try:
            output = _follow(job, child)
        except BaseException:
            _kill_group(child.pid)
            raise
        finally:
            done.set()
    if job.ended.is_set():
        raise BuildError(f"{job.module.name}: the build was given up")
    if child.returncode != 0:
        raise BuildError(f"{job.module.name}: go build in {job.sources} failed:\n" + "\n".join(output))


def _follow(job: _Job, child: subprocess.Popen[str]) -> list[str]:
    """Its last lines. It names each package when its turn comes, the program's own last."""
    program = (job.sources / "go.mod").read_text().split(maxsplit=2)[1]
    started = told = time.monotonic()
    tail: list[str] = []
    lines: IO[str] | list[str] = child.stdout or []
    for compiled, line in enumerate(lines, start=1):
        tail = [*tail[1 - OUTPUT_TAIL_LINES :], line.rstrip()]
        if tail[-1] == program:
            job.linking.set()
        now = time.monotonic()
        if now - told > REPORT_SECONDS:
            told = now
            job.report(f"{job.module.name}: {compiled} packages after {now - started:.0f} s")
    return tail


def _kill_when_ended(pid: int, ended: threading.Event, done: threading.Event) -> None:
    overdue = time.monotonic() + BUILD_SECONDS
    while not done.wait(POLL_SECONDS):
        if ended.is_set() or time.monotonic() > overdue:
            _kill_group(pid)
            return


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _clear_leftovers(builds: Path, name: str) -> None:
    for leftover in builds.glob(f".partial-{name}-*"):
        shutil.rmtree(leftover, ignore_errors=True)


def _mark_used(kept: Path) -> None:
    with suppress(OSError):  # the cache may be another's, to be read only
        os.utime(kept)


def _drop_old(builds: Path, name: str) -> None:
    used = {f: f.stat().st_mtime for f in builds.glob(f"{name}-*") if len(f.name) == len(name) + 65}
    for folder in sorted(used, key=lambda folder: used[folder], reverse=True)[KEPT_BUILDS:]:
        if time.time() - used[folder] > KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
