"""What must be known before what, and what becomes of a part that fails."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any, NoReturn
from unittest.mock import MagicMock

import pytest

from fairlead.process import Probes, Stop, supervise
from fairlead.process.flags import Environment
from fairlead.repo_server.config import read_config
from fairlead.repo_server.wiring import RepoServer


async def test_a_part_that_fails_is_begun_again_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = read_config([f"--data-dir={tmp_path}"], Environment({}))
    server = RepoServer(config, bus=MagicMock(), cache=MagicMock(), pool=MagicMock(), probes=Probes())
    failed, begun = list[str](), list[str]()

    async def fail() -> NoReturn:
        failed.append("tidying")
        raise ZeroDivisionError("by accident")

    async def go_on() -> None:
        begun.append("polls")
        await asyncio.Event().wait()

    parts: dict[str, Any] = {"tidying": fail, "polls": go_on}
    monkeypatch.setattr(server, "_parts", lambda: parts)
    monkeypatch.setattr(server, "_work", go_on)
    for name in ("FIRST_PAUSE", "LONGEST_PAUSE"):
        monkeypatch.setattr(supervise, name, 0.001)
    stop = Stop()
    running = asyncio.create_task(server.run(stop))
    async with asyncio.timeout(120):
        while len(failed) < 3:
            await asyncio.sleep(0.001)
        assert begun == ["polls", "polls"], "that and the work, each begun once"
        assert not running.done()
        stop.set()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    await server.close()


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
