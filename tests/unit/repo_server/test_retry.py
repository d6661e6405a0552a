"""What is owed is paid when it is due, once, and not to who was served meanwhile."""

import asyncio
from pathlib import Path

import pytest

from fairlead.git import GitProgram, GitTransientError
from fairlead.process.handed_credentials import Repositories
from fairlead.repo_server.answering import retry
from fairlead.repo_server.answering.retry import Retries
from fairlead.repo_server.remotes.declared import AppKey
from fairlead.repo_server.remotes.mirrors import Mirrors
from fairlead.repo_server.remotes.repository import Repository

APPS = [AppKey("argocd", f"a{number}") for number in range(3)]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FIRST", "SETTLE"):
        monkeypatch.setattr(retry, name, 0.02)


class Paid:
    """Collects who was answered again."""

    def __init__(self) -> None:
        self.apps: list[AppKey] = []
        self.changed = asyncio.Event()

    async def __call__(self, app: AppKey) -> None:
        self.apps.append(app)
        self.changed.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(120):
            while len(self.apps) < count:
                self.changed.clear()
                await self.changed.wait()


async def test_an_application_is_retried_unless_it_was_answered() -> None:
    retries, paid = Retries(), Paid()
    running = asyncio.create_task(retries.run(paid))
    for app in APPS:
        retries.owe(app)
    retries.done(APPS[1])
    await paid.until(2)
    assert sorted(paid.apps) == [APPS[0], APPS[2]]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_repository_is_looked_at_for_all_and_only_then_are_they_retried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirrors = Mirrors(folder=tmp_path, program=GitProgram(home=tmp_path), book=Repositories())
    repository = mirrors.of("https://host/x.git", "default")
    looks: list[int] = []

    async def check(self: Repository, *_: object, **__: object) -> None:
        looks.append(len(looks))
        if len(looks) < 4:
            self.failure = GitTransientError("away")
            raise self.failure
        self.failure = None

    monkeypatch.setattr(Repository, "check", check)
    retries, paid = Retries(), Paid()
    running = asyncio.create_task(retries.run(paid))
    for app in APPS:
        retries.owe(app, repository)
    retries.done(APPS[0])
    await paid.until(2)
    assert len(looks) == 4
    assert sorted(paid.apps) == APPS[1:]
    assert not retries._needing
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
