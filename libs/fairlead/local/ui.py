"""The web UI: the packages its tools are, and what they make of its sources, each made once.

Invariant: `builds/ui-…` of the cache is a folder as api-server serves it, made from exactly the sources that
its name digests; whatever of its files is worth it has its br and gz beside it. Of the tree only
`services/ui/node_modules` is written, which Git ignores: a link to the packages.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from fairlead.local.builder import run_builder
from fairlead.local.builds import off_loop, report_to_stderr
from fairlead.local.errors import ToolMissingError
from fairlead.local.kept import Report, drop_old, locked, mark_used, partial_of
from fairlead.local.node import Node, node
from fairlead.local.sources import cache_folder, source_folder

FOLDER = "services/ui"
PACKAGES_OF = ("package.json", "package-lock.json", ".npmrc")
LEFT_OUT = {"node_modules", "dist", "coverage", "test"}
"""Folders that decide nothing of what is served."""
TRIES = 5
"""Builds until one is of sources that did not change meanwhile."""
NAME, PACKAGES = "ui", "node-packages"


def ui_packages(
    *, report: Report = report_to_stderr, ended: threading.Event | None = None, sources: Path | None = None
) -> Path:
    """The `node_modules` of the UI, which `services/ui` is linked to; npm installs them when they never were
    here.

    Raises BuildError, ToolMissingError or SourcesMissingError. Blocks.
    """
    sources = sources or source_folder(FOLDER)
    ended = ended or threading.Event()
    tools = node()
    kept = cache_folder() / "builds" / f"{PACKAGES}-{digest_of_packages(sources, tools)}"
    modules = kept / "node_modules"
    if not modules.exists():
        with locked(kept.parent / f"{PACKAGES}.lock", PACKAGES, report, ended):
            if not modules.exists():
                _install(sources, kept, tools, report, ended)
                drop_old(kept.parent, PACKAGES)
    mark_used(kept)
    _link(sources / "node_modules", modules, report)
    return modules


def ui_folder(
    *, report: Report = report_to_stderr, ended: threading.Event | None = None, sources: Path | None = None
) -> Path:
    """The built UI; builds it when these sources never were. Raises as `ui_packages`. Blocks: see
    `built_ui`."""
    sources = sources or source_folder(FOLDER)
    ended = ended or threading.Event()
    for _ in range(TRIES):
        kept = _place(sources)
        if kept.exists():
            mark_used(kept)
            return kept
        modules = ui_packages(report=report, ended=ended, sources=sources)
        with locked(kept.parent / f"{NAME}.lock", NAME, report, ended):
            if kept.exists() or _build(sources, kept, modules, report, ended):
                drop_old(kept.parent, NAME)
                return kept
    raise RuntimeError(f"{sources} changed during each of {TRIES} builds")


async def built_ui() -> Path:
    """`ui_folder`, off the event loop; a cancellation ends the build and is answered once that is gone."""
    return await off_loop(lambda ended: ui_folder(ended=ended))


def run_tool(name: str = "", *arguments: str) -> int:
    """Run a program of the UI's packages in `services/ui`, with the terminal; its exit code.

    Raises as `ui_packages`, and ToolMissingError when there is no such program.
    """
    sources = source_folder(FOLDER)
    program = ui_packages(sources=sources) / ".bin" / name
    if not name or not program.exists():
        raise ToolMissingError(f"the packages of {FOLDER} have no program {name!r}")
    environment = {**os.environ, **node().environment}
    return subprocess.run([program, *arguments], cwd=sources, env=environment, check=False).returncode


def known_ui() -> Path | None:
    """The built UI if these sources were built before; nothing is built. Raises SourcesMissingError."""
    kept = _place(source_folder(FOLDER))
    return kept if kept.exists() else None


def _place(sources: Path) -> Path:
    return cache_folder() / "builds" / f"{NAME}-{digest_of_sources(sources)}"


def digest_of_sources(sources: Path) -> str:
    """sha256 over everything that decides what is served; 64 hex digits."""
    digest = hashlib.sha256()
    for file in _sources(sources):
        _add(digest, file.relative_to(sources).as_posix(), file)
    return digest.hexdigest()


def digest_of_packages(sources: Path, tools: Node) -> str:
    """sha256 over everything that decides which packages are installed; 64 hex digits."""
    digest = hashlib.sha256()
    for part in (platform.system(), platform.machine(), *map(str, tools.version)):
        digest.update(part.encode() + b"\0")
    for name in PACKAGES_OF:
        if (sources / name).exists():
            _add(digest, name, sources / name)
    return digest.hexdigest()


def _add(digest: "hashlib._Hash", name: str, file: Path) -> None:
    content = file.read_bytes()
    digest.update(f"{name}\0{len(content)}\0".encode() + content)


def _sources(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(set(folders) - LEFT_OUT)
        for name in sorted(files):
            if ".test." not in name and not name.endswith(".md"):
                yield Path(place) / name


def _install(sources: Path, kept: Path, tools: Node, report: Report, ended: threading.Event) -> None:
    """No package's own scripts are run: nothing that is used here needs them."""
    partial = partial_of(kept.parent, PACKAGES)
    report(f"{PACKAGES}: installing, once for this list of packages (half a minute)")
    started = time.monotonic()
    try:
        for name in PACKAGES_OF:
            if (sources / name).exists():
                shutil.copy(sources / name, partial / name)
        argv: list[str | Path] = [
            *tools.npm,
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ]
        run_builder(PACKAGES, argv, cwd=partial, env=tools.environment, ended=ended)
        partial.rename(kept)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    report(f"{PACKAGES}: installed in {time.monotonic() - started:.0f} s")


def _link(link: Path, modules: Path, report: Report) -> None:
    """Others may read the link at any moment, so it is replaced, not removed and made."""
    if link.is_symlink() and link.readlink() == modules:
        return
    if link.exists() and not link.is_symlink():
        report(
            f"{link} is a folder of somebody's own and stays; remove it to have the packages that were pinned"
        )
        return
    new = link.with_name(f".{link.name}-{os.getpid()}")
    new.unlink(missing_ok=True)
    new.symlink_to(modules)
    new.replace(link)


def _build(sources: Path, kept: Path, modules: Path, report: Report, ended: threading.Event) -> bool:
    """Whether the sources stayed as they were while it was built; else nothing is kept."""
    tools = node()
    partial = partial_of(kept.parent, NAME)
    report(f"{NAME}: building, once for these sources (some seconds)")
    started = time.monotonic()
    vite = modules / "vite" / "bin" / "vite.js"
    build: list[str | Path] = [tools.program, vite, "build", "--outDir", partial, "--emptyOutDir"]
    pack: list[str | Path] = [tools.program, sources / "scripts" / "compress.mjs", partial]
    try:
        for argv in ([*build, "--logLevel", "warn"], pack):
            run_builder(NAME, argv, cwd=sources, env=tools.environment, ended=ended)
        if _place(sources) != kept:
            report(f"{NAME}: its sources changed meanwhile")
            return False
        partial.rename(kept)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    report(f"{NAME}: built in {time.monotonic() - started:.0f} s")
    return True
