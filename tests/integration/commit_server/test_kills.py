"""A commit server that is killed at any moment, and the next one: the branch is whole at every look."""

import asyncio
import contextlib
import os
import random
import sys
from pathlib import Path

import asyncssh
import pytest

from fairlead.bus import BusError, RemoteError
from fairlead.local.ssh_server import SshServer
from tests.integration.commit_server.lab import PATIENCE, SECRET, Lab, Written, config_map, dry_commit

pytestmark = pytest.mark.asyncio(loop_scope="session")

KILLS = 4


async def started(lab: Lab, folder: Path) -> asyncio.subprocess.Process:
    with (folder.parent / "commit-server.log").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "fairlead.commit_server",
            f"--nats-url={lab.nats.url}",
            f"--render-engine={lab.engine}",
            f"--data-dir={folder}",
            "--git-networks-opened=127.0.0.0/8",
            env={
                **os.environ,
                "FAIRLEAD_NATS_PASSWORD": SECRET,
                "FAIRLEAD_REDIS_URL": lab.redis.url,
                "FAIRLEAD_CACHE_SECRET": SECRET,
                "FAIRLEAD_WRITE_CREDENTIALS_SECRET": SECRET,
            },
            stderr=log,
        )


async def written_until_killed(written: Written, lab: Lab, first: int) -> None:
    """Ask for one content after the other until somebody stops us."""
    number = first
    while True:
        paths = [await lab.path(name, config_map(name, str(number))) for name in ("a", "b")]
        with contextlib.suppress(RemoteError, BusError):
            answer = await written.hydrate(*paths, dry=dry_commit(number))
            number += not answer.overtaken


async def test_whenever_it_is_killed_the_branch_is_whole_and_the_next_goes_on(
    quiet: Lab, tmp_path: Path
) -> None:
    name = "killed"
    url = await quiet.git.create(name)
    quiet.declare(name, url=url)
    written, chance = Written(quiet, name, url), random.Random(5)  # noqa: S311 - moments of a test
    for kill in range(KILLS):
        process = await started(quiet, tmp_path / "data")
        await written.known()
        asking = asyncio.create_task(written_until_killed(written, quiet, kill * 1000))
        await asyncio.sleep(chance.uniform(0.2, 1.5))
        process.kill()
        await process.wait()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await check_whole(written)
    process = await started(quiet, tmp_path / "data")
    await written.known()
    async with asyncio.timeout(PATIENCE):
        while True:
            answer = await written.hydrate(
                await quiet.path("a", config_map("a", "last")), await quiet.path("b", config_map("b", "last"))
            )
            if not answer.overtaken:
                break
    assert "last" in await written.show("env/prod:a/manifest.yaml")
    await check_whole(written)
    process.terminate()
    assert await process.wait() == 0


async def check_whole(written: Written) -> None:
    """Both folders are of one request in every commit, and what was pushed is complete."""
    await written.git("fsck", "--strict", "--connectivity-only")
    if not await written.git("for-each-ref", "refs/heads/env/prod"):
        return
    for commit in (await written.git("rev-list", "env/prod")).split():
        contents = {
            (await written.show(f"{commit}:{name}/manifest.yaml")).partition("key:")[2].split()[0]
            for name in ("a", "b")
        }
        assert len(contents) == 1, commit


async def test_a_repository_is_written_to_over_ssh(lab: Lab) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    async with SshServer(lab.git.folder) as server:
        server.allow(key)
        lab.know(server.known_hosts)
        await lab.git.create("over-ssh")
        written = Written(lab, "over-ssh", server.repo_url("over-ssh"))
        lab.declare("over-ssh", url=written.url, sshPrivateKey=key.export_private_key().decode())
        await written.known()
        async with asyncio.timeout(PATIENCE):
            while True:
                with contextlib.suppress(RemoteError):
                    await written.head()
                    break
        answer = await written.hydrate(await lab.path("a", config_map("a")))
        assert answer.pushed
        assert any(command.startswith("git-receive-pack") for command in server.commands)
        assert await written.git("rev-parse", "env/prod") == answer.hydrated_sha
