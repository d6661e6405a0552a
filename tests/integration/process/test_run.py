"""How a service process ends, seen from outside: signals, the drain, and what refuses to end."""

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

PROGRAM = """
import asyncio, time
from fairlead.process import run
{main}
run("example", main, drain={drain}, end={end})
"""
BEGINS = """
async def main(stop):
    print("begun", flush=True)
"""
IGNORES = """
    while True:
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            pass
"""


@asynccontextmanager
async def process(
    main: str, *, drain: float = 10.0, end: float = 5.0
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that runs `main(stop)` and prints a line when it has begun."""
    program = PROGRAM.format(main=main, drain=drain, end=end)
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.communicate()


async def begun(started: asyncio.subprocess.Process) -> None:
    assert started.stdout is not None
    async with asyncio.timeout(120):
        assert await started.stdout.readline() == b"begun\n"


async def ended(started: asyncio.subprocess.Process) -> tuple[int, str, float]:
    """Exit code, what was printed since, seconds it took."""
    since = time.monotonic()
    async with asyncio.timeout(120):
        output, _ = await started.communicate()
    assert started.returncode is not None
    return started.returncode, output.decode(), time.monotonic() - since


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_lets_it_finish_and_exit_in_order(number: signal.Signals) -> None:
    async with process(BEGINS + "    await stop.wait()\n    print('finished')\n") as started:
        await begun(started)
        started.send_signal(number)
        code, output, _ = await ended(started)
    assert code == 0
    assert "finished" in output


async def test_work_that_outlasts_the_drain_is_cancelled() -> None:
    async with process(BEGINS + "    await asyncio.sleep(3600)\n", drain=0.2) as started:
        await begun(started)
        started.terminate()
        code, output, seconds = await ended(started)
    assert code == 0
    assert "process.stopped" in output
    assert seconds < 60


@pytest.mark.parametrize(
    "refusal",
    [IGNORES, "    await stop.wait()\n    time.sleep(3600)\n"],
    ids=["a part that ignores its cancellation", "a part that blocks the loop"],
)
async def test_what_does_not_end_is_ended_and_says_so(refusal: str) -> None:
    async with process(BEGINS + refusal, drain=0.2, end=0.3) as started:
        await begun(started)
        started.terminate()
        code, output, seconds = await ended(started)
    assert code == 1
    assert "process.stuck" in output
    assert seconds < 60


async def test_a_failure_exits_with_one_and_its_reason() -> None:
    async with process(BEGINS + "    raise ValueError('no such thing')\n") as started:
        await begun(started)
        code, output, _ = await ended(started)
    assert code == 1
    assert "no such thing" in output


async def test_a_leftover_task_that_ignores_its_cancellation_does_not_hold_a_failure_up() -> None:
    main = f"""
async def stubborn():{IGNORES}
async def main(stop):
    global task
    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    print("begun", flush=True)
    raise ValueError("no such thing")
"""
    async with process(main, end=0.3) as started:
        await begun(started)
        code, output, _ = await ended(started)
    assert code == 1
    assert "process.stuck" in output


async def test_a_service_takes_as_many_open_files_as_it_may() -> None:
    main = """
import resource
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (128, hard))
async def main(stop):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    print("enough" if soft == min(hard, 1 << 20) or hard < 0 else soft, flush=True)
"""
    async with process(main) as running:
        assert running.stdout is not None
        assert await running.stdout.readline() == b"enough\n"
