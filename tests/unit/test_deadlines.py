"""However a run of the tests is started and ended, each test has an end and nothing is left behind."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

SLEEPS = "import asyncio\n\nasync def test_waits() -> None:\n    await asyncio.sleep(1000)\n"
DEAF = """
import signal, time

def test_hears_nothing() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    time.sleep(1000)
"""
LEAVES = """
import subprocess, sys, time
from pathlib import Path

def test_leaves_a_process() -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"], start_new_session=True)
    Path("pid").write_text(str(child.pid))
    Path("begun").touch()
    WAIT
"""
COUNTS = """
import signal

def test_counts() -> None:
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
"""


async def run(folder: Path, test: str, *options: str, ignoring: bool = False) -> asyncio.subprocess.Process:
    """pytest with nothing but the plugin; when `ignoring`, started as a shell starts its background jobs."""
    (folder / "test_it.py").write_text(test)
    (folder / "pytest.ini").write_text(
        "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = session\n"
    )
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "tests.deadlines", "-p", "no:cacheprovider", *options]

    def ignore() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    return await asyncio.create_subprocess_exec(
        *argv,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        preexec_fn=ignore if ignoring else None,
    )


async def said(process: asyncio.subprocess.Process) -> str:
    output, _ = await process.communicate()
    return output.decode()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


async def test_a_test_that_waits_for_ever_fails_where_it_waits(tmp_path: Path) -> None:
    text = await said(await run(tmp_path, SLEEPS, "-o", "deadline=0.5"))
    assert "await asyncio.sleep(1000)" in text
    assert "1 failed" in text


async def test_a_test_that_cannot_be_interrupted_ends_with_its_stack(tmp_path: Path) -> None:
    process = await run(tmp_path, DEAF, "-o", "deadline=0.5", "-o", "grace=5")
    text = await said(process)
    assert process.returncode not in {0, None}
    assert "test_hears_nothing" in text


async def test_what_a_test_leaves_behind_does_not_outlive_the_run(tmp_path: Path) -> None:
    text = await said(await run(tmp_path, LEAVES.replace("WAIT", "pass")))
    assert "1 passed" in text
    assert not is_alive(int((tmp_path / "pid").read_text()))


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
async def test_a_run_that_is_cut_leaves_nothing_whoever_started_it(
    tmp_path: Path, ending: signal.Signals
) -> None:
    process = await run(tmp_path, LEAVES.replace("WAIT", "time.sleep(1000)"), ignoring=True)
    while not (tmp_path / "begun").exists():
        await asyncio.sleep(0.05)
    process.send_signal(ending)
    await said(process)
    assert not is_alive(int((tmp_path / "pid").read_text()))


async def test_what_a_background_run_starts_hears_an_interrupt(tmp_path: Path) -> None:
    assert "1 passed" in await said(await run(tmp_path, COUNTS, ignoring=True))
