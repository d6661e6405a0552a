"""What must be known before what."""

import asyncio
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from fairlead.process import Probes
from fairlead.process.flags import Environment
from fairlead.repo_server.config import read_config
from fairlead.repo_server.wiring import RepoServer


async def test_wishes_are_read_once_the_credentials_are_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = read_config([f"--data-dir={tmp_path}"], Environment({}))
    server = RepoServer(config, bus=MagicMock(), cache=MagicMock(), pool=MagicMock(), probes=Probes())
    read = asyncio.Event()

    async def watch() -> None:
        read.set()

    monkeypatch.setattr(server.declared, "watch", watch)
    watching = asyncio.create_task(server._watch_wishes())
    for _ in range(20):
        await asyncio.sleep(0)
    assert not read.is_set()
    server.book.assume_none()
    async with asyncio.timeout(120):
        await watching
    assert read.is_set()
    await server.close()


def test_a_fetch_is_bounded_by_what_users_of_argo_cd_set(capsys: pytest.CaptureFixture[str]) -> None:
    assert read_config([], Environment({})).fetch_timeout == 0
    assert read_config([], Environment({"ARGOCD_EXEC_TIMEOUT": "2m30s"})).fetch_timeout == 150
    both = Environment({"ARGOCD_EXEC_TIMEOUT": "90s", "FAIRLEAD_GIT_FETCH_TIMEOUT": "10m"})
    assert read_config([], both).fetch_timeout == 600
    for flag in ("--git-fetch-timeout=soon", "--git-networks-opened=everything"):
        with pytest.raises(SystemExit):
            read_config([flag], Environment({}))
    assert "everything" in capsys.readouterr().err
