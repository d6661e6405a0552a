"""One service as several processes, seen from outside: one is started again, all end together."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

PATIENCE = 120.0
PROGRAM = """
import os
from fairlead.process import configure_logging, run, run_several
configure_logging(service="example", form="json", level="info")

def part(name):
    async def main(stop):
        os.write(1, f"{name} begun {os.getpid()}\\n".encode())
        await stop.wait()
        os.write(1, f"{name} finished {os.getpid()}\\n".encode())
    return lambda: run(name, main)

run_several("example", {"one": part("one"), "two": part("two")})
"""


class Several:
    """The parent, and the newest process of each part as it said so itself."""

    def __init__(self, child: asyncio.subprocess.Process) -> None:
        self.child = child
        self.finished: list[int] = []

    async def begun(self, *names: str) -> dict[str, int]:
        """The process ids of parts that begin now."""
        found: dict[str, int] = {}
        async with asyncio.timeout(PATIENCE):
            while set(found) != set(names):
                name, word, pid = await self._line()
                if word == "begun":
                    found[name] = int(pid)
        return found

    async def ended(self) -> int:
        """The exit code of the parent, when nobody holds its output open any more."""
        assert self.child.stdout is not None
        async with asyncio.timeout(PATIENCE):
            rest = (await self.child.stdout.read()).decode()
            self.finished += [int(line.split()[2]) for line in rest.splitlines() if " finished " in line]
            return await self.child.wait()

    async def _line(self) -> tuple[str, str, str]:
        assert self.child.stdout is not None
        line = (await self.child.stdout.readline()).decode()
        assert line, "the output ended"
        name, word, pid = line.split()
        return name, word, pid


@asynccontextmanager
async def several() -> AsyncIterator[Several]:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield Several(child)
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


async def gone(pids: list[int]) -> None:
    async with asyncio.timeout(PATIENCE):
        while any(is_there(pid) for pid in pids):
            await asyncio.sleep(0.02)


def is_there(pid: int) -> bool:
    """Whether a process runs; one that has ended may wait for long to be buried."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return False
    return fields[0] not in "ZX"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_to_one_lets_all_finish(number: signal.Signals) -> None:
    async with several() as running:
        pids = await running.begun("one", "two")
        running.child.send_signal(number)
        assert await running.ended() == 0
        assert sorted(running.finished) == sorted(pids.values())
        await gone(list(pids.values()))


async def test_a_part_that_is_killed_is_started_again_and_the_other_goes_on() -> None:
    async with several() as running:
        pids = await running.begun("one", "two")
        os.kill(pids["two"], signal.SIGKILL)
        again = await running.begun("two")
        assert again["two"] != pids["two"]
        assert is_there(pids["one"])
        running.child.terminate()
        assert await running.ended() == 0
        assert sorted(running.finished) == sorted([pids["one"], again["two"]])


async def test_parts_end_when_their_parent_is_killed() -> None:
    async with several() as running:
        pids = await running.begun("one", "two")
        running.child.kill()
        await running.ended()
        assert sorted(running.finished) == sorted(pids.values())
        await gone(list(pids.values()))
