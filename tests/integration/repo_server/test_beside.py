"""A repository that several repo-servers follow, as second source of applications that each of them owns."""

import asyncio
import itertools

import pytest

from fairlead.app_controller.book import Record
from fairlead.local.work_repo import WorkRepo
from tests.integration.repo_server.suite import Suite, config_map
from tests.integration.repo_server.test_level import PATIENCE, Believer, believing
from tests.integration.repo_server.test_ownership import Pair, pair, stopped

pytestmark = pytest.mark.own_servers


async def owned_by(two: Pair, name: str, hint: str) -> str:
    """A repository of which one of two is the owner."""
    for number in itertools.count():
        repo = f"{hint}-{number}"
        if two.owner(repo) == name:
            await two.suite.repository(repo, {"web/cm.yaml": config_map(repo)})
            return repo
    raise AssertionError


def at(record: Record) -> str:
    """The commit of the second source."""
    return record.render.revisions[1] if record.render is not None and record.render.revisions else ""


async def moved(believer: Believer, record: Record, commit: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while at(record) != commit:
            await asyncio.sleep(0.01)


async def test_a_commit_that_one_of_two_has_not_seen_moves_nobody_whom_it_touches(suite: Suite) -> None:
    async with believing(suite) as believer, pair(suite) as two:
        ours, theirs = await owned_by(two, "data", "ours"), await owned_by(two, "other", "theirs")
        values = await owned_by(two, "data", "values")
        url = suite.git.repo_url(values)
        first = await believer.follow(ours, "first", "web", {"repoURL": url, "path": "web"})
        second = await believer.follow(theirs, "second", "web", {"repoURL": url, "path": "web"})
        await believer.answered()
        begun, digest = at(second), believer.digest("second")
        assert begun == at(first) != ""
        with stopped(two.servers["other"]):
            commit = await push(suite, values, "README", "words that nobody reads")
            await moved(believer, first, commit)
            await asyncio.sleep(0.5)
            assert at(second) == begun or len(two.owned("data")) == 16, "who knows of it is stopped"
        await moved(believer, second, commit)
        assert believer.digest("second") == digest
        with stopped(two.servers["other"]):
            touching = await push(suite, values, "web/cm.yaml", config_map("values", "new"))
            await moved(believer, first, touching)
            await asyncio.sleep(0.5)
            assert at(second) == commit or believer.digest("second") != digest
        await moved(believer, second, touching)
        assert believer.digest("second") != digest


async def push(suite: Suite, repo: str, path: str, text: str) -> str:
    work = WorkRepo(suite.folder / "work" / repo)
    commit = await work.publish({path: text}, path)
    await suite.webhook(repo)
    return commit
