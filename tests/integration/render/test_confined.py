"""A hole in a library of the engine leads nowhere: no file, no network, no other process."""

import asyncio
import os
from pathlib import Path

import pytest

from fairlead.render import (
    EngineConfig,
    EngineFailureError,
    EngineStarvedError,
    PoolConfig,
    RenderPool,
    RenderRequest,
)
from tests.integration.render.engine_fixtures import MakeRepository, Repository

MANIFEST = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n"


async def tried(binary: Path, mirrors: Path, *files: Path) -> str:
    process = await asyncio.create_subprocess_exec(
        binary,
        f"--mirrors={mirrors}",
        "--try",
        *files,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin"},
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate()
    return printed.decode()


async def test_the_engine_reads_mirrors_and_neither_tokens_nor_its_parents_environment(
    engine_binary: Path, tmp_path: Path
) -> None:
    mirrors, token = tmp_path / "mirrors", tmp_path / "token"
    mirrors.mkdir()
    (mirrors / "HEAD").write_text("ref: refs/heads/main\n")
    token.write_text("canary")
    (mirrors / "way-out").symlink_to(token)
    environment = Path(f"/proc/{os.getpid()}/environ")
    told = await tried(engine_binary, mirrors, mirrors / "HEAD", mirrors / "way-out", token, environment)
    assert f"read {mirrors / 'HEAD'}: 21 bytes" in told
    for closed in (mirrors / "way-out", token, environment):
        assert f"refused {closed}: " in told
    assert told.count("refused a socket") == 3


async def test_git_too_reads_nothing_beside_the_mirrors(
    engine_binary: Path, make_repository: MakeRepository, tmp_path: Path
) -> None:
    inside, outside = make_repository(), make_repository()
    commit, secret = inside.commit({"app/a.yaml": MANIFEST}), outside.commit({"app/b.yaml": MANIFEST})
    (inside.mirror / "objects/info/alternates").write_text(f"{outside.mirror / 'objects'}\n")
    config = EngineConfig(binary=engine_binary, mirrors=inside.mirror.parent)
    async with RenderPool(PoolConfig(engine=config, size=1)) as pool:
        request = RenderRequest(mirror=inside.mirror, commit=commit, path="app")
        assert (await pool.render(request)).source_type == "Directory"
        with pytest.raises(EngineFailureError):
            await pool.render(RenderRequest(mirror=inside.mirror, commit=secret, path="app"))


async def test_a_git_that_is_killed_says_nothing_about_the_mirror(
    engine_binary: Path, repository: Repository, tmp_path: Path
) -> None:
    git = tmp_path / "bin" / "git"
    git.parent.mkdir()
    git.write_text("#!/bin/sh\nkill -9 $$\n")
    git.chmod(0o755)
    commit = repository.commit({"app/a.yaml": MANIFEST})
    config = EngineConfig(binary=engine_binary, search_path=str(git.parent))
    async with RenderPool(PoolConfig(engine=config, size=1)) as pool:
        with pytest.raises(EngineStarvedError):
            await pool.render(RenderRequest(mirror=repository.mirror, commit=commit, path="app"))
        git.chmod(0o644)
        with pytest.raises(EngineStarvedError):
            await pool.render(RenderRequest(mirror=repository.mirror, commit=commit, path="app"))


async def test_a_render_that_was_given_no_time_may_be_tried_again(
    engine_binary: Path, repository: Repository, tmp_path: Path
) -> None:
    git = tmp_path / "bin" / "git"
    git.parent.mkdir()
    git.write_text("#!/bin/sh\nexec /bin/sleep 60\n")
    git.chmod(0o755)
    commit = repository.commit({"app/a.yaml": MANIFEST})
    config = EngineConfig(binary=engine_binary, search_path=f"{git.parent}:/usr/bin:/bin")
    async with RenderPool(PoolConfig(engine=config, size=1)) as pool:
        request = RenderRequest(mirror=repository.mirror, commit=commit, path="app")
        with pytest.raises(EngineStarvedError, match="the node gave it hardly any"):
            await pool.render(request, deadline_seconds=1.0)
