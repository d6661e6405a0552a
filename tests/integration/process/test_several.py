"""One service as several processes, seen from outside: one is started again, all end together."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from fairlead.local.ports import choose_port

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
            while not set(names) <= found.keys():
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
async def several(program: str = PROGRAM, *arguments: str) -> AsyncIterator[Several]:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
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


FRONTED = """
import asyncio, os, sys, time
from pathlib import Path
from fairlead.process import Probes, configure_logging, run, run_several, serve_probes
from fairlead.process.front import Front, listening
from fairlead.process.several import Complaints
configure_logging(service="example", form="json", level="info")
port, mark = int(sys.argv[1]), Path(sys.argv[2])
sockets = {name: listening() for name in ("well", "hung", "failing")}
complaints = Complaints()

def part(name):
    async def main(stop):
        probes = Probes()
        probes.add("work", lambda: True)
        async with serve_probes(probes, address="", port=0, listener=sockets[name]):
            os.write(1, f"{name} begun {os.getpid()}\\n".encode())
            if name == "failing":
                os._exit(3)
            if name == "hung" and not mark.exists():
                mark.touch()
                await asyncio.sleep(1.0)
                time.sleep(600)
            await stop.wait()
    return lambda: run(name, main, drain=1.0, end=1.0)

front = Front(sockets, complaints.about, every=0.1, silent=1.0, within=0.5)
parts = {name: part(name) for name in sockets}
parts["probes"] = lambda: run("probes", lambda stop: front.serve(stop, address="127.0.0.1", port=port))
run_several("example", parts, complaints, starting=0.5, ending=1.0)
"""


async def test_one_that_fails_or_is_silent_is_named_and_begun_again_and_ends_no_other(tmp_path: Path) -> None:
    port = choose_port()
    async with (
        several(FRONTED, str(port), str(tmp_path / "mark")) as running,
        aiohttp.ClientSession() as http,
    ):
        first = await running.begun("well", "hung", "failing")

        async def until(path: str, code: int, *words: str) -> None:
            async with asyncio.timeout(PATIENCE):
                while True:
                    with contextlib.suppress(aiohttp.ClientError):
                        async with http.get(f"http://127.0.0.1:{port}{path}") as answer:
                            text = await answer.text()
                            if answer.status == code and all(word in text for word in words):
                                return
                    await asyncio.sleep(0.05)

        await until("/healthz", 200, "failing: ")
        await until("/readyz", 503, "failing: ")
        await until("/metrics", 200, 'fairlead_process_up{part="well"} 1', '_up{part="failing"} 0')
        again = await running.begun("hung")
        assert again["hung"] != first["hung"]
        await until("/metrics", 200, 'fairlead_process_up{part="hung"} 1')
        assert is_there(first["well"])
