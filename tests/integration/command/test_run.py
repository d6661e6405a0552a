"""Programs that do what none should, with the real system."""

import asyncio
import os
import secrets
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from fairlead.command import Limits, Ran, StartError, run

NOBODY = 65534 if os.getuid() == 0 else 0
LIMITS = Limits(seconds=60.0)


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that anybody may look into, as commands run as somebody else where we are root."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        yield Path(name)


async def shell(folder: Path, script: str, limits: Limits = LIMITS, **environment: str) -> Ran:
    told = {"PATH": os.defpath, **environment}
    return await run(("/bin/sh", "-c", script), folder=folder, environment=told, limits=limits, user=NOBODY)


def marked(mark: str) -> list[int]:
    """Processes that have a mark among their words."""
    found = []
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                words = (path / "cmdline").read_bytes()
                state = (path / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if mark.encode() in words and state != "Z" and int(path.name) != os.getpid():
                found.append(int(path.name))
    return found


async def test_what_it_prints_its_code_and_its_words_are_told(folder: Path) -> None:
    ran = await shell(folder, 'pwd; echo "$A"; echo bad >&2; exit 3', A="1")
    assert ran.output.decode() == f"{folder}\n1\n"
    assert (ran.complaint, ran.code, ran.ended) == (b"bad\n", 3, "")
    assert (await shell(folder, "kill -9 $$")).signal == 9


async def test_it_sees_no_variable_but_its_own_and_has_no_input(folder: Path) -> None:
    os.environ["FAIRLEAD_TEST_SECRET"] = "secret"
    try:
        ran = await shell(folder, "env; cat")
    finally:
        del os.environ["FAIRLEAD_TEST_SECRET"]
    assert b"secret" not in ran.output
    assert {line.split("=")[0] for line in ran.output.decode().splitlines()} <= {"PATH", "PWD", "_", "SHLVL"}
    if NOBODY:
        assert b"uid=65534" in (await shell(folder, "id")).output


async def test_a_program_that_cannot_be_started_is_said(folder: Path) -> None:
    with pytest.raises(StartError, match="No such file"):
        await run(("/nothing/here",), folder=folder, environment={}, limits=LIMITS, user=NOBODY)
    with pytest.raises(StartError, match="No such file"):
        await run(("/bin/sh",), folder=folder / "gone", environment={}, limits=LIMITS, user=NOBODY)


async def test_one_that_hangs_is_asked_to_end_and_then_killed_with_all_that_left_it(folder: Path) -> None:
    mark = f"9{secrets.randbelow(10**8):08d}"
    script = f"trap 'echo asked' TERM; setsid sleep {mark} & sleep {mark}; echo went on; sleep {mark}"
    ran = await shell(folder, script, Limits(seconds=1.0))
    assert ran.ended == "seconds"
    assert b"asked" in ran.output
    assert marked(mark) == []


async def test_what_a_program_leaves_in_the_background_ends_with_it(folder: Path) -> None:
    mark = f"8{secrets.randbelow(10**8):08d}"
    ran = await shell(folder, f"setsid sleep {mark} >/dev/null 2>&1 & (sleep {mark} &); echo done")
    assert (ran.output, ran.ended) == (b"done\n", "")
    assert marked(mark) == []


async def test_a_gigabyte_of_output_is_not_kept(folder: Path) -> None:
    limits = Limits(seconds=120.0, output=1 << 20)
    ran = await shell(folder, "head -c 1073741824 /dev/zero", limits)
    assert (ran.ended, ran.output) == ("output", b"")
    ran = await shell(folder, "head -c 100000 /dev/zero | tr '\\0' x >&2; echo end >&2", LIMITS)
    assert len(ran.complaint) == LIMITS.complaint
    assert ran.complaint.endswith(b"end\n")


async def test_a_fork_bomb_is_ended_and_a_neighbour_goes_on(folder: Path) -> None:
    mark = f"bomb{secrets.token_hex(6)}"
    bomb = f"b() {{ sleep 3600 & b | b & wait; }}; : {mark}; b"
    limits = Limits(seconds=60.0, processes=40, tasks=400)
    neighbour = asyncio.create_task(shell(folder, "sleep 2; echo well"))
    ran = await shell(folder, bomb, limits)
    assert ran.ended == "processes"
    assert marked(mark) == []
    assert (await neighbour).output == b"well\n"


async def test_memory_of_all_its_processes_is_bounded(folder: Path) -> None:
    large = "(x=$(head -c 60000000 /dev/zero | tr '\\0' a); sleep 600; echo $x)"
    ran = await shell(folder, f"{large} & {large}; wait", Limits(seconds=120.0, memory=100 << 20))
    assert ran.ended == "memory"


async def test_a_file_may_not_be_larger_than_its_bound(folder: Path) -> None:
    ran = await shell(
        folder, "head -c 5000000 /dev/zero > big; ls -l big", Limits(seconds=60.0, file=1 << 20)
    )
    assert b" 1048576 " in ran.output


async def test_when_its_caller_is_cancelled_nothing_is_left(folder: Path) -> None:
    mark = f"7{secrets.randbelow(10**8):08d}"
    task = asyncio.create_task(shell(folder, f"setsid sleep {mark} & sleep {mark}"))
    while len(marked(mark)) < 2:
        await asyncio.sleep(0.02)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async for _ in _until_gone(mark):
        pass


async def _until_gone(mark: str) -> AsyncIterator[None]:
    async with asyncio.timeout(60):
        while marked(mark):
            await asyncio.sleep(0.05)
            yield
