"""What a person reads when something is wrong, and that it converges once it is right."""

import pytest

from fairlead.events import (
    Cause,
    ManifestsRendered,
    RenderLevel,
    RepositorySource,
    RevisionCheck,
    subjects,
)
from fairlead.local.work_repo import WorkRepo
from fairlead.matching.repository import identity
from tests.integration.repo_server.suite import Suite, config_map

BROKEN = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n bad: [\n"


def message(answer: ManifestsRendered) -> str:
    assert answer.failure is not None
    assert answer.digest == ""
    return answer.failure.message


def fails(answer: ManifestsRendered) -> bool:
    return answer.failure is not None


def works(answer: ManifestsRendered) -> bool:
    return answer.failure is None


async def test_a_missing_path_is_named_and_rendered_once_it_is_there(suite: Suite) -> None:
    work = await suite.repository("path", {"web/cm.yaml": config_map("web")})
    await suite.want("web", RepositorySource(repo_url=suite.git.repo_url("path"), path="nope"))
    answer = await suite.answer("web")
    assert message(answer) == (
        "Failed to load target state: failed to generate manifest for source 1 of 1: "
        "nope: app path does not exist"
    )
    assert answer.failure is not None
    assert not answer.failure.transient
    await work.publish({"nope/cm.yaml": config_map("late")}, "there it is")
    await suite.webhook("path")
    await suite.answer("web", works)


@pytest.mark.parametrize("path", ["../up", "/etc"])
async def test_a_path_outside_the_repository_is_refused(suite: Suite, path: str) -> None:
    await suite.repository("outside", {"web/cm.yaml": config_map("web")})
    await suite.want("web", RepositorySource(repo_url=suite.git.repo_url("outside"), path=path))
    assert message(await suite.answer("web")).endswith(("app path outside root", "app path is absolute"))


async def test_a_missing_branch_is_named_and_followed_once_it_is_there(suite: Suite) -> None:
    work = await suite.repository("branch", {"web/cm.yaml": config_map("web")})
    source = RepositorySource(repo_url=suite.git.repo_url("branch"), path="web", target_revision="later")
    await suite.want("web", source)
    assert "unable to resolve 'later' to a commit SHA" in message(await suite.answer("web"))
    await work.checkout("later", create=True)
    await work.push("later")
    await suite.webhook("branch")
    assert (await suite.answer("web", works)).revisions == (await work.head(),)


@pytest.mark.parametrize("length", [40, 9])
@pytest.mark.parametrize("cause", [Cause.WEBHOOK, Cause.POLL])
async def test_a_commit_that_is_wanted_before_it_is_pushed_is_followed_once_it_is_there(
    suite: Suite, length: int, cause: Cause
) -> None:
    work = await suite.repository("early", {"web/cm.yaml": config_map("web")})
    await work.write({"web/cm.yaml": config_map("web", "new")})
    commit = await work.commit("second")
    url = suite.git.repo_url("early")
    source = RepositorySource(repo_url=url, path="web", target_revision=commit[:length])
    await suite.want("web", source)
    assert f"unable to resolve '{commit[:length]}' to a commit SHA" in message(await suite.answer("web"))
    await work.push()
    check = RevisionCheck(repository=identity(url), cause=cause)
    await suite.bus.publish(subjects.revision_check(identity(url)), check)
    assert (await suite.answer("web", works)).revisions == (commit,)


async def test_a_deleted_branch_is_a_failure_and_not_an_empty_set(suite: Suite) -> None:
    work = await suite.repository("gone", {"web/cm.yaml": config_map("web")})
    await work.checkout("feature", create=True)
    await work.push("feature")
    source = RepositorySource(repo_url=suite.git.repo_url("gone"), path="web", target_revision="feature")
    await suite.want("web", source)
    await suite.answer("web", works)
    await work.delete_branch("feature")
    await suite.webhook("gone")
    answer = await suite.answer("web", fails)
    assert "unable to resolve 'feature' to a commit SHA" in message(answer)
    answered = len(suite.answers)
    await work.push("feature")
    await suite.webhook("gone")
    await suite.answer("web", works, after=answered)


async def test_a_force_push_is_followed_like_any_other_move(suite: Suite) -> None:
    work = await suite.repository("force", {"web/cm.yaml": config_map("web")})
    first = await work.head()
    await work.publish({"web/cm.yaml": config_map("web", "two")}, "second")
    await suite.want("web", RepositorySource(repo_url=suite.git.repo_url("force"), path="web"))
    await suite.answer("web")
    await work.reset(first)
    commit = await _other_history(work)
    await suite.webhook("force")
    answer = await suite.answer("web", lambda a: a.revisions == (commit,))
    [document] = await suite.documents(answer)
    assert document["data"] == {"key": "three"}


async def test_a_repository_that_is_not_there_is_named_and_found_once_it_is(suite: Suite) -> None:
    url = suite.git.repo_url("absent")
    await suite.want("web", RepositorySource(repo_url=url, path="web"))
    answer = await suite.answer("web")
    assert f"repository not found: {url}" in message(answer)
    assert answer.failure is not None
    assert not answer.failure.transient
    await suite.repository("absent", {"web/cm.yaml": config_map("web")})
    await suite.webhook("absent")
    await suite.answer("web", works)


async def test_an_empty_repository_is_a_failure_until_somebody_pushes(suite: Suite) -> None:
    url = await suite.git.create("empty")
    for name in ("web", "other"):
        await suite.want(name, RepositorySource(repo_url=url, path="web"))
        assert "unable to resolve 'HEAD' to a commit SHA" in message(await suite.answer(name))
    work = await WorkRepo.clone(url, suite.folder / "work" / "empty")
    await work.publish({"web/cm.yaml": config_map("web")}, "first")
    await suite.ask("web", RenderLevel.REFRESH)
    await suite.answer("web", works)
    await suite.answer("other", works)


async def test_a_protected_repository_without_credentials_says_so(suite: Suite) -> None:
    await suite.repository("priv", {"web/cm.yaml": config_map("web")})
    suite.git.protect("priv", username="someone", password="canary-password")
    await suite.want("web", RepositorySource(repo_url=suite.git.repo_url("priv"), path="web"))
    assert "check the repository's credentials" in message(await suite.answer("web"))


async def test_credentials_in_the_address_are_used_and_never_shown(suite: Suite) -> None:
    await suite.repository("inline", {"web/cm.yaml": config_map("web")})
    suite.git.protect("inline", username="someone", password="canary-password")
    url = suite.git.repo_url("inline").replace("://", "://someone:canary-password@")
    await suite.want("web", RepositorySource(repo_url=url, path="web"))
    await suite.answer("web", works)
    await suite.want("bad", RepositorySource(repo_url=url, path="missing"))
    await suite.answer("bad", fails)
    assert "canary" not in str(suite.answers) + str(suite.told)
    assert "canary" not in suite.log()


async def test_broken_yaml_names_the_file_and_heals_with_the_next_commit(suite: Suite) -> None:
    work = await suite.repository("yaml", {"web/cm.yaml": BROKEN})
    await suite.want("web", RepositorySource(repo_url=suite.git.repo_url("yaml"), path="web"))
    answer = await suite.answer("web")
    assert "cm.yaml" in message(answer)
    assert answer.revisions == (await work.head(),)
    await work.publish({"web/cm.yaml": config_map("web")}, "mended")
    await suite.webhook("yaml")
    await suite.answer("web", works)


async def test_a_render_that_failed_three_times_is_paused_until_a_hard_refresh(suite: Suite) -> None:
    await suite.repository("pause", {"web/cm.yaml": BROKEN})
    await suite.want("web", RepositorySource(repo_url=suite.git.repo_url("pause"), path="web"))
    await suite.answer("web")
    for count in range(1, 4):
        await suite.ask("web", RenderLevel.RESOLVE)
        await suite.answer("web", after=count)
    assert "Manifest generation error (cached): " in message(suite.answers[3])
    assert "(cached)" not in message(suite.answers[2])
    await suite.ask("web", RenderLevel.HARD, Cause.HARD_REFRESH)
    assert "(cached)" not in message(await suite.answer("web", after=4))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (RepositorySource(repo_url="ext::sh -c touch% /tmp/x", path="a"), "characters that no URL has"),
        (RepositorySource(repo_url="ssh://host/x.git", path="a"), "write an address over SSH as"),
        (RepositorySource(repo_url="git@127.0.0.2:-x.git", path="a"), "none that an SSH server has"),
        (RepositorySource(repo_url="file:///etc", path="a"), "file addresses are not supported"),
        (RepositorySource(repo_url="https://charts.example", chart="redis"), "spec.source.targetRevision"),
        (RepositorySource(repo_url="", path="a"), "spec.source.repoURL is required"),
    ],
)
async def test_a_source_that_cannot_be_rendered_says_why(
    suite: Suite, source: RepositorySource, words: str
) -> None:
    await suite.want("web", source)
    assert words in message(await suite.answer("web"))


async def test_an_unreachable_remote_is_transient_and_recovers_by_itself(suite: Suite) -> None:
    await suite.repository("down", {"web/cm.yaml": config_map("web")})
    suite.git.fail(503)
    await suite.want("web", RepositorySource(repo_url=suite.git.repo_url("down"), path="web"))
    answer = await suite.answer("web", fails)
    assert answer.failure is not None
    assert answer.failure.transient
    suite.git.resume()
    assert (await suite.answer("web", works)).cause in {Cause.RETRY, Cause.POLL}


async def test_a_poll_finds_what_no_webhook_told(unserved: Suite) -> None:
    suite = unserved
    work = await suite.repository("polled", {"web/cm.yaml": config_map("web")})
    await suite.serve("--poll-seconds=1")
    await suite.want("web", RepositorySource(repo_url=suite.git.repo_url("polled"), path="web"))
    await suite.answer("web", works)
    commit = await work.publish({"web/cm.yaml": config_map("web", "new")}, "silent")
    answer = await suite.answer("web", lambda a: a.revisions == (commit,))
    assert answer.cause is Cause.POLL


async def _other_history(work: WorkRepo) -> str:
    await work.write({"web/cm.yaml": config_map("web", "three")})
    commit = await work.commit("another second")
    await work.push(force=True)
    return commit
