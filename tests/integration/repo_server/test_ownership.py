"""A repository has one owner at a time; that it changes loses no commit and takes none back."""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest

from fairlead.events import ManifestsRendered, RepositorySource, subjects
from fairlead.local.work_repo import WorkRepo
from fairlead.matching.repository import partition
from tests.integration.repo_server.suite import RepoServerProcess, Suite, config_map

pytestmark = pytest.mark.own_servers

SLOW = "--poll-seconds=600"


class Pair:
    """Two repo-servers, and a repository whose owner is known."""

    def __init__(self, suite: Suite, servers: dict[str, RepoServerProcess]) -> None:
        self.suite = suite
        self.servers = servers

    def owner(self, repo: str) -> str:
        """The folder of the server that owns a repository, by what each said last."""
        part = partition(self.suite.git.repo_url(repo))
        [found] = [name for name in self.servers if part in self.owned(name)]
        return found

    def owned(self, name: str) -> list[str]:
        file = self.suite.folder / name / "member"
        member = file.read_text() if file.exists() else ""
        said = [line for line in _lines(self._log) if line.get("msg") == "members.owned"]
        return next((line["owned"] for line in reversed(said) if line["member"] == member), [])

    @property
    def _log(self) -> str:
        return (self.suite.folder / "repo-server.log").read_text()

    async def shared(self) -> None:
        """Each owns some, and both together all."""
        async with asyncio.timeout(60):
            while not (all(owned := [self.owned(name) for name in self.servers]) and _is_whole(owned)):
                await asyncio.sleep(0.05)

    async def followed(self, repo: str) -> WorkRepo:
        work = await self.suite.repository(repo, {"web/cm.yaml": config_map("web")})
        await self.suite.want("web", RepositorySource(repo_url=self.suite.git.repo_url(repo), path="web"))
        await self.suite.answer("web", works)
        return work


def _lines(log: str) -> Iterator[dict[str, Any]]:
    """What two processes wrote into one file: their lines may run into each other."""
    decoder, at = json.JSONDecoder(), log.find("{")
    while at >= 0:
        try:
            line, at = decoder.raw_decode(log, at)
            yield line
        except ValueError:
            at += 1
        at = log.find("{", at)


def _is_whole(owned: list[list[str]]) -> bool:
    return sorted(part for one in owned for part in one) == sorted(subjects.PARTITIONS)


def works(answer: ManifestsRendered) -> bool:
    return answer.failure is None


@asynccontextmanager
async def pair(suite: Suite) -> AsyncIterator[Pair]:
    other = RepoServerProcess(suite, SLOW, data="other")
    await other.start()
    try:
        found = Pair(suite, {"data": suite.server, "other": other})
        await found.shared()
        yield found
    finally:
        await other.stop()


@contextmanager
def stopped(server: RepoServerProcess) -> Iterator[None]:
    os.kill(server.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.pid, signal.SIGCONT)


async def pushed(suite: Suite, work: WorkRepo, value: str) -> str:
    commit = await work.publish({"web/cm.yaml": config_map("web", value)}, value)
    await suite.webhook(work.folder.name)
    return commit


async def test_who_goes_in_order_or_is_killed_hands_over_within_seconds(suite: Suite) -> None:
    async with pair(suite) as two:
        work = await two.followed("handed")
        first = two.servers.pop(two.owner("handed"))
        begun = time.monotonic()
        await asyncio.gather(first.stop(), pushed(suite, work, "second"))
        commit = await work.head()
        await suite.answer("web", lambda a: a.revisions == (commit,))
        clean = time.monotonic() - begun
        await first.start()
        two.servers["data" if "other" in two.servers else "other"] = first
        await two.shared()
        owner = two.owner("handed")
        await two.servers[owner].kill()
        begun = time.monotonic()
        commit = await pushed(suite, work, "third")
        await suite.answer("web", lambda a: a.revisions == (commit,))
        killed = time.monotonic() - begun
        print(f"clean {clean:.2f} s, killed {killed:.2f} s")  # noqa: T201
        assert clean < 10
        assert killed < 25


async def test_what_another_told_while_the_owner_was_stopped_is_not_taken_for_untold(suite: Suite) -> None:
    """The branch goes forth while the owner is stopped, and back before it wakes, which nobody else saw."""
    async with pair(suite) as two:
        work = await two.followed("woken")
        first = await work.head()
        owner = two.owner("woken")
        awake = next(name for name in two.servers if name != owner)
        with stopped(two.servers[owner]):
            commit = await pushed(suite, work, "second")
            await suite.answer("web", lambda a: a.revisions == (commit,))
            await two.servers[awake].kill()
            await work.push(f"{first}:refs/heads/main", force=True)
            said = len(suite.answers)
        answer = await suite.answer("web", works, after=said)
        assert answer.revisions == (first,)
        assert answer.looks[0].number > 0


async def test_a_commit_to_a_second_source_comes_to_the_owner_of_the_first(suite: Suite) -> None:
    names = [f"repo-{number}" for number in range(12)]
    async with pair(suite) as two:
        urls = {two.owner(name): name for name in names}
        home, beside = urls["data"], urls["other"]
        await suite.repository(home, {"a/cm.yaml": config_map("a")})
        work = await suite.repository(beside, {"b/cm.yaml": config_map("b")})
        await suite.want(
            "both",
            RepositorySource(repo_url=suite.git.repo_url(home), path="a"),
            RepositorySource(repo_url=suite.git.repo_url(beside), path="b"),
        )
        await suite.answer("both", works)
        commit = await work.publish({"b/cm.yaml": config_map("b", "new")}, "second")
        await suite.webhook(beside)
        await suite.answer("both", lambda a: a.revisions[1:] == (commit,))


async def test_each_repository_is_mirrored_by_its_owner_alone(suite: Suite) -> None:
    async with pair(suite) as two:
        for number in range(6):
            name = f"repo-{number}"
            await suite.repository(name, {"x/cm.yaml": config_map("x")})
            await suite.want(name, RepositorySource(repo_url=suite.git.repo_url(name), path="x"))
            await suite.answer(name, works)
        mirrors = [len(list((suite.folder / name / "mirrors").iterdir())) for name in two.servers]
        assert sum(mirrors) == 6
