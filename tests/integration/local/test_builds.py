"""A Go module is built once, by one builder, whole or not at all."""

import asyncio
import os
import secrets
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from fairlead.local import builds
from fairlead.local.errors import BuildError, SourcesMissingError
from fairlead.local.kept import KEPT_BUILDS

PROGRAM = 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("one") }\n'
MODULE = builds.GoModule(name="tiny", folder="deploy/local/tiny")
BUILD = """
import pathlib, sys
from fairlead.local import builds, sources
sources.repository_root = lambda: pathlib.Path(sys.argv[1])
print(builds.binary(builds.GoModule(name="tiny", folder="deploy/local/tiny")))
"""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one small Go module, and a cache of its own."""
    module = tmp_path / "checkout/deploy/local/tiny"
    module.mkdir(parents=True)
    (module / "go.mod").write_text("module tiny\n\ngo 1.24\n")
    (module / "main.go").write_text(PROGRAM)
    monkeypatch.setattr("fairlead.local.sources.repository_root", lambda: tmp_path / "checkout")
    monkeypatch.setenv("FAIRLEAD_CACHE_DIR", str(tmp_path / "cache"))
    return module


def silent(_line: str) -> None:
    """Say nothing."""


def names(tmp_path: Path) -> list[str]:
    return sorted(entry.name for entry in (tmp_path / "cache/builds").iterdir())


def test_a_second_build_of_the_same_sources_costs_nothing(checkout: Path, tmp_path: Path) -> None:
    told: list[str] = []
    program = builds.binary(MODULE, report=told.append)
    assert subprocess.run([program], capture_output=True, check=True).stdout == b"one\n"
    assert told
    told.clear()
    assert builds.binary(MODULE, report=told.append) == program
    assert not told


def test_changed_sources_are_built_again(checkout: Path) -> None:
    first = builds.binary(MODULE, report=silent)
    (checkout / "main.go").write_text(PROGRAM.replace("one", "two"))
    second = builds.binary(MODULE, report=silent)
    assert subprocess.run([second], capture_output=True, check=True).stdout == b"two\n"
    assert first.exists()


def test_what_was_not_used_for_long_makes_room_and_what_was_stays(checkout: Path) -> None:
    kept = []
    for number in range(KEPT_BUILDS + 2):
        (checkout / "main.go").write_text(PROGRAM.replace("one", str(number)))
        kept.append(builds.binary(MODULE, report=silent))
    assert all(program.exists() for program in kept), "all were used today"
    for program in kept:
        os.utime(program.parent, (1, 1))
    (checkout / "main.go").write_text(PROGRAM.replace("one", "0"))
    assert builds.binary(MODULE, report=silent) == kept[0]
    (checkout / "main.go").write_text(PROGRAM.replace("one", "last"))
    kept.append(builds.binary(MODULE, report=silent))
    assert kept[0].exists() and kept[-1].exists()
    assert sum(program.exists() for program in kept) == KEPT_BUILDS


def test_sources_that_do_not_compile_leave_nothing_and_say_why(checkout: Path, tmp_path: Path) -> None:
    (checkout / "main.go").write_text("package main\n\nfunc main() { nowhere() }\n")
    with pytest.raises(BuildError, match="undefined: nowhere"):
        builds.binary(MODULE, report=silent)
    assert names(tmp_path) == ["tiny.lock"]


def test_missing_sources_are_told(checkout: Path) -> None:
    with pytest.raises(SourcesMissingError, match="incomplete"):
        builds.binary(builds.GoModule(name="absent", folder="deploy/local/absent"), report=silent)


def slow_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `go` on PATH that says it started, then writes half a program and hangs."""
    folder = tmp_path / "bin"
    folder.mkdir()
    marker = tmp_path / "go-runs"
    script = (
        "#!/bin/sh\n"
        'if [ "$1" = version ]; then echo go version go9.9.9 linux/amd64; exit; fi\n'
        'while [ "$1" != -o ]; do shift; done\n'
        f'echo half > "$2"; echo $$ > {marker}.partial; mv {marker}.partial {marker}\n'
        "exec sleep 300\n"
    )
    (folder / "go").write_text(script)
    (folder / "go").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return marker


def is_running(pid: int) -> bool:
    """Whether a process has not ended; an orphan that has may still wait to be buried by whoever tests."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT])
async def test_an_interrupted_build_leaves_no_half_and_no_compiler(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: signal.Signals
) -> None:
    path = os.environ["PATH"]
    marker = slow_go(tmp_path, monkeypatch)
    builder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", BUILD, str(tmp_path / "checkout"), stderr=asyncio.subprocess.DEVNULL
    )
    async with asyncio.timeout(60):
        while not marker.exists():
            await asyncio.sleep(0.02)
    builder.send_signal(ending)
    await builder.wait()
    compiler = int(marker.read_text())
    async with asyncio.timeout(120):
        while is_running(compiler):
            await asyncio.sleep(0.02)
    assert not [name for name in names(tmp_path) if name.startswith("tiny-")]
    monkeypatch.setenv("PATH", path)
    program = await asyncio.to_thread(builds.binary, MODULE, report=silent)
    assert subprocess.run([program], capture_output=True, check=True).stdout == b"one\n"
    assert [name for name in names(tmp_path) if name.startswith(".partial")] == []


def test_a_build_says_when_all_is_compiled_so_that_the_next_can_begin(checkout: Path) -> None:
    (checkout / "main.go").write_text(PROGRAM.replace("one", secrets.token_hex()))  # in no cache of Go's
    linking = threading.Event()
    builds.binary(MODULE, report=silent, linking=linking)
    assert linking.is_set()


async def test_two_builders_do_the_work_once(checkout: Path, tmp_path: Path) -> None:
    told: list[str] = []
    both = [asyncio.to_thread(builds.binary, MODULE, report=told.append) for _ in range(2)]
    first, second = await asyncio.gather(*both)
    assert first == second
    assert sum("building, once" in line for line in told) == 1


async def test_a_cancelled_build_ends_its_compiler_at_once(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = slow_go(tmp_path, monkeypatch)
    building = asyncio.create_task(builds.built(MODULE))
    async with asyncio.timeout(120):
        while not marker.exists():
            await asyncio.sleep(0.02)
        waiting = asyncio.create_task(builds.built(MODULE))
        await asyncio.sleep(0.1)
        for task in (waiting, building):
            task.cancel()
        results = await asyncio.gather(waiting, building, return_exceptions=True)
    assert all(isinstance(result, asyncio.CancelledError) for result in results)
    assert not Path(f"/proc/{marker.read_text().strip()}").exists()
    assert names(tmp_path) == ["tiny.lock"]
