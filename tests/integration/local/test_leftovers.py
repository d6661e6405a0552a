"""Nothing outlives the process that started it, however that ended."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import msgspec
import pytest

SUITE = """
import asyncio, sys
from pathlib import Path
from fairlead.local.control_plane import ControlPlane
from fairlead.local.nats_server import NatsServer
from fairlead.local.redis_server import RedisServer

async def main(folder):
    async with (
        ControlPlane(folder / "cluster") as cluster,
        NatsServer(folder / "nats") as nats,
        RedisServer(folder / "redis") as redis,
    ):
        pids = [server.pid for server in cluster.servers.values()] + [nats.pid, redis.pid]
        (folder / "partial").write_text(str(pids))
        (folder / "partial").rename(folder / "pids")
        await asyncio.Event().wait()

asyncio.run(main(Path(sys.argv[1])))
"""


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


async def start_suite(folder: Path) -> tuple[asyncio.subprocess.Process, list[int]]:
    with (folder / "output").open("wb") as output:
        suite = await asyncio.create_subprocess_exec(
            sys.executable, "-c", SUITE, str(folder), stdout=output, stderr=output
        )
    async with asyncio.timeout(120):
        while not (folder / "pids").exists():
            assert suite.returncode is None, (folder / "output").read_text()
            await asyncio.sleep(0.05)
    return suite, msgspec.json.decode((folder / "pids").read_bytes(), type=list[int])


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
async def test_nothing_is_left_when_the_parent_ends(tmp_path: Path, ending: signal.Signals) -> None:
    suite, pids = await start_suite(tmp_path)
    assert len(pids) == 7
    assert all(is_alive(pid) for pid in pids)
    suite.send_signal(ending)
    await suite.wait()
    async with asyncio.timeout(120):
        while any(is_alive(pid) for pid in pids):
            await asyncio.sleep(0.02)


async def test_nothing_is_left_when_the_parent_dies_while_they_start(tmp_path: Path) -> None:
    suite = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SUITE, str(tmp_path), stderr=asyncio.subprocess.DEVNULL
    )
    while not (tmp_path / "cluster/logs/etcd.log").exists():
        await asyncio.sleep(0.01)
    os.kill(suite.pid, signal.SIGKILL)
    await suite.wait()
    async with asyncio.timeout(120):
        while _mention(tmp_path):
            await asyncio.sleep(0.02)


def _mention(folder: Path) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str(folder).encode() in (process / "cmdline").read_bytes():
                found.append(process.name)
        except OSError:
            continue
    return found
