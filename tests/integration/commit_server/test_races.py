"""Two that write to one repository, answers that are lost, and mirrors that are damaged: nothing is doubled,
overtaken or lost."""

import asyncio
import json
from pathlib import Path

import pytest

from fairlead.git import GitTransientError
from fairlead.git.pushing import Pushed
from fairlead.git.remote import Remote
from fairlead.rpc.hydration import WriteBranch
from tests.integration.commit_server.beside import believer
from tests.integration.commit_server.lab import Lab, config_map, dry_commit

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_of_two_that_own_a_branch_one_writes_and_the_other_is_overtaken(
    lab: Lab, tmp_path: Path
) -> None:
    written = await lab.repository()
    async with believer(lab, tmp_path / "one") as one, believer(lab, tmp_path / "two") as two:
        head = ""
        for number in range(3):
            paths = [await lab.path("a", config_map("a", f"{who}-{number}")) for who in ("one", "two")]
            questions = [written.question(head, path, dry=dry_commit(number)) for path in paths]
            answers = await asyncio.gather(one.hydrate(questions[0]), two.hydrate(questions[1]))
            assert sorted((each.pushed, each.overtaken) for each in answers) == [(False, True), (True, False)]
            [head] = {each.hydrated_sha for each in answers if each.pushed}
            assert await written.git("rev-parse", "env/prod") == head
            assert await written.commits() == number + 1
    await written.git("fsck", "--strict")


async def test_branches_that_are_written_side_by_side_all_keep_their_notes(lab: Lab, tmp_path: Path) -> None:
    written = await lab.repository()
    async with believer(lab, tmp_path / "one") as one, believer(lab, tmp_path / "two") as two:
        for number in range(3):
            path = await lab.path("a", config_map("a", str(number)))

            def question(branch: str, head: str, path=path, number=number):  # type: ignore[no-untyped-def]
                branches = {"sync_branch": branch, "target_branch": branch}
                return written.question(head, path, dry=dry_commit(number), **branches)

            heads = [(await written.head(branch, branch)).head for branch in ("left", "right")]
            answers = await asyncio.gather(
                one.hydrate(question("left", heads[0])), two.hydrate(question("right", heads[1]))
            )
            assert all(each.pushed for each in answers)
    for branch in ("left", "right"):
        for number, revision in enumerate((f"{branch}~2", f"{branch}~1", branch)):
            assert json.loads(await written.note(revision)) == {"drySha": dry_commit(number).sha}
    await written.git("fsck", "--strict")


async def test_a_push_whose_answer_was_lost_is_found_and_not_made_twice(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = await lab.repository()
    push, lost = Remote.push, [True]

    async def pushed_and_lost(self: Remote, *arguments: object) -> Pushed:
        told = await push(self, *arguments)  # type: ignore[arg-type]
        if lost:
            lost.clear()
            raise GitTransientError("the connection broke off")
        return told

    monkeypatch.setattr(Remote, "push", pushed_and_lost)
    answer = await written.hydrate(await lab.path("a", config_map("a")))
    assert not lost and answer.pushed
    assert answer.hydrated_sha == await written.git("rev-parse", "env/prod")
    assert await written.commits() == 1


async def test_a_damaged_mirror_is_made_anew(lab: Lab, tmp_path: Path) -> None:
    written = await lab.repository()
    first = await written.hydrate(await lab.path("a", config_map("a")))
    asked = WriteBranch(
        project="default", repo_url=written.url, sync_branch="env/prod", target_branch="env/prod"
    )
    async with believer(lab, tmp_path) as one:
        assert (await one.head(asked)).head == first.hydrated_sha
    for pack in (tmp_path / "written").glob("*/objects/pack/*"):
        pack.unlink()
    async with believer(lab, tmp_path) as one:
        path = await lab.path("a", config_map("a", "other"))
        answer = await one.hydrate(written.question(first.hydrated_sha, path, dry=dry_commit(7)))
    assert answer.pushed
    assert await written.git("rev-parse", "env/prod~1") == first.hydrated_sha
