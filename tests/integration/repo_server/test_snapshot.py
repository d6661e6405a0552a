"""All sources of an application are as one look found them, whatever lands between two look-ups."""

from pathlib import Path
from typing import Any, cast

import pytest

from fairlead.events import Cause, Look, RepositorySource, SourcesWanted
from fairlead.git import GitProgram
from fairlead.git.objects import Objects
from fairlead.local.git_server import GitServer
from fairlead.local.work_repo import WorkRepo
from fairlead.process.handed_credentials import Repositories
from fairlead.repo_server.answering.respond import AS_FETCHED, Responder
from fairlead.repo_server.remotes.mirrors import Mirrors
from tests.integration.git.conftest import LOOPBACK


async def test_a_commit_that_lands_between_two_sources_is_in_none_of_them(
    tmp_path: Path, git_server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").mkdir()
    program = GitProgram(home=tmp_path / "home", networks=LOOPBACK)
    mirrors = Mirrors(folder=tmp_path / "mirrors", program=program, book=Repositories())
    url = await git_server.create("snapshot")
    work = await WorkRepo.clone(url, tmp_path / "work")
    first = await work.publish({"a/cm.yaml": "1", "b/cm.yaml": "1"}, "first")
    await work.tag("stable", message="annotated, so that resolving it waits for git")
    repository = mirrors.of(url, "default")
    await repository.check(Cause.REFRESH, list_first=False)
    found_at = repository.look

    async def lands(objects: Objects, oid: str) -> str | None:
        monkeypatch.undo()
        await work.publish({"a/cm.yaml": "2", "b/cm.yaml": "2"}, "second")
        await repository.check(Cause.WEBHOOK, list_first=False)
        return await objects.commit_of(oid)

    monkeypatch.setattr(Objects, "commit_of", lands)
    nobody = cast(Any, None)
    responder = Responder(
        declared=nobody,
        mirrors=mirrors,
        following=nobody,
        renderer=nobody,
        announcer=nobody,
        retries=nobody,
        histories=nobody,
        fresh_seconds=120.0,
    )
    wish = SourcesWanted(
        namespace="argocd",
        name="both",
        instance="both",
        project="default",
        sources=(
            RepositorySource(repo_url=url, path="a", target_revision="stable"),
            RepositorySource(repo_url=url, path="b", target_revision="main"),
        ),
    )
    located = await responder.locate(wish, AS_FETCHED, Cause.RESYNC, [])
    assert repository.look.number > found_at.number, "another look ended between the two"
    assert [found.commit for found in located] == [first, first]
    assert [found.look for found in located] == [found_at, found_at]
    assert found_at != Look()
    repository.mirror.close()
