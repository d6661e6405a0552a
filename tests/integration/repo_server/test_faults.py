"""Whatever is killed, wiped or damaged, it converges by itself and publishes nothing partial."""

import asyncio
import contextlib
import os
import random
import signal
from pathlib import Path

import pytest

from fairlead.bus.topology import SOURCES_BUCKET
from fairlead.events import Cause, ManifestsRendered, RenderLevel, RepositorySource, decode, subjects
from fairlead.events.envelope import encode
from fairlead.rpc import FetchedManifests, FetchManifests, RenderedSet, repo
from tests.integration.repo_server.suite import RepoServerProcess, Suite, config_map

pytestmark = pytest.mark.own_servers


def works(answer: ManifestsRendered) -> bool:
    return answer.failure is None


def git_children(suite: Suite, *words: str) -> list[int]:
    """Running git processes of the repo-server whose command line has all the words."""
    found = []
    for pid in suite.children():
        with contextlib.suppress(OSError):
            line = Path(f"/proc/{pid}/cmdline").read_bytes().decode().replace("\0", " ")
            if all(word in line for word in words):
                found.append(pid)
    return found


async def eventually(found: object, *, seconds: float = 20) -> object:
    assert callable(found)
    async with asyncio.timeout(seconds):
        while not (result := found()):
            await asyncio.sleep(0.02)
        return result


async def test_a_git_killed_in_the_middle_of_a_fetch_leaves_nothing_that_needs_a_person(suite: Suite) -> None:
    work = await suite.repository("kill", {"web/cm.yaml": config_map("web")})
    await suite.want("web", RepositorySource(repo_url=suite.git.repo_url("kill"), path="web"))
    await suite.answer("web", works)
    commit = await work.publish({"web/cm.yaml": config_map("web", "new")}, "second")
    await work.push("HEAD:refs/heads/beside")
    suite.git.hang(packs=True)
    await suite.webhook("kill")
    [pid] = await eventually(lambda: git_children(suite, "fetch"))  # type: ignore[misc]
    mirror = next((suite.folder / "data" / "mirrors").iterdir())
    (mirror / "packed-refs.lock").touch()
    (mirror / "refs/heads/main.lock").touch()
    os.killpg(pid, signal.SIGKILL)
    suite.git.resume()
    await suite.answer("web", lambda a: a.revisions == (commit,))


async def test_the_repo_server_killed_in_the_middle_of_a_fetch_goes_on_after_a_restart(suite: Suite) -> None:
    work = await suite.repository("crash", {"web/cm.yaml": config_map("web")})
    await suite.want("web", RepositorySource(repo_url=suite.git.repo_url("crash"), path="web"))
    await suite.answer("web", works)
    commit = await work.publish({"web/cm.yaml": config_map("web", "new")}, "second")
    await work.push("HEAD:refs/heads/beside")
    suite.git.hang(packs=True)
    await suite.webhook("crash")
    [pid] = await eventually(lambda: git_children(suite, "fetch"))  # type: ignore[misc]
    await suite.server.kill()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    mirror = next((suite.folder / "data" / "mirrors").iterdir())
    (mirror / "refs/heads/main.lock").touch()
    suite.git.resume()
    suite.server = RepoServerProcess(suite)
    await suite.server.start()
    await suite.answer("web", lambda a: a.revisions == (commit,))


async def test_a_damaged_mirror_is_cloned_again(suite: Suite) -> None:
    work = await suite.repository("rot", {"web/cm.yaml": config_map("web")})
    await suite.want("web", RepositorySource(repo_url=suite.git.repo_url("rot"), path="web"))
    await suite.answer("web", works)
    rot(suite)
    commit = await work.publish({"web/cm.yaml": config_map("web", "new")}, "second")
    await suite.webhook("rot")
    answer = await suite.answer("web", lambda a: works(a) and a.revisions == (commit,))
    [document] = await suite.documents(answer)
    assert document["data"] == {"key": "new"}


async def test_a_damaged_mirror_is_noticed_by_a_render_too(suite: Suite) -> None:
    await suite.repository("blob", {"web/cm.yaml": config_map("web")})
    await suite.want("web", RepositorySource(repo_url=suite.git.repo_url("blob"), path="web"))
    first = await suite.answer("web", works)
    await suite.server.kill()
    rot(suite)
    suite.server = RepoServerProcess(suite)
    await suite.server.start()
    await suite.ask("web", RenderLevel.HARD, Cause.HARD_REFRESH)
    answer = await suite.answer("web", works, after=1)
    assert answer.digest == first.digest


def rot(suite: Suite) -> None:
    """Every object of the only mirror is damaged."""
    mirror = next((suite.folder / "data" / "mirrors").iterdir())
    for file in (mirror / "objects").rglob("*"):
        if file.is_file():
            file.chmod(0o644)
            file.write_bytes(b"rot")


async def test_a_mirror_that_was_deleted_under_us_is_cloned_again(suite: Suite) -> None:
    work = await suite.repository("lost", {"web/cm.yaml": config_map("web")})
    await suite.want("web", RepositorySource(repo_url=suite.git.repo_url("lost"), path="web"))
    await suite.answer("web", works)
    mirror = next((suite.folder / "data" / "mirrors").iterdir())
    for file in sorted(mirror.rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    mirror.rmdir()
    commit = await work.publish({"web/cm.yaml": config_map("web", "new")}, "second")
    await suite.webhook("lost")
    await suite.answer("web", lambda a: works(a) and a.revisions == (commit,))


async def test_manifests_that_the_cache_lost_are_rendered_again(suite: Suite) -> None:
    await suite.repository("flush", {"web/cm.yaml": config_map("web")})
    await suite.want("web", RepositorySource(repo_url=suite.git.repo_url("flush"), path="web"))
    first = await suite.answer("web")
    await suite.redis.restart(wipe=True)
    await suite.ask("web", RenderLevel.CACHED, Cause.CACHE_LOST)
    answer = await suite.answer("web", works, after=1)
    assert answer.digest == first.digest
    assert await suite.documents(answer)


async def test_a_cache_that_is_away_keeps_nothing_from_being_deployed(suite: Suite) -> None:
    await suite.repository("away", {"web/cm.yaml": config_map("web")})
    await suite.redis.kill()
    await suite.want("web", RepositorySource(repo_url=suite.git.repo_url("away"), path="web"))
    answer = await suite.answer("web", works)
    question = encode(FetchManifests(digest=answer.digest))
    raw = await suite.bus.request(subjects.rpc_repo(suite.parts["web"], repo.FETCH), question, timeout=20)
    documents = decode(FetchedManifests, raw).documents
    assert documents is not None
    assert RenderedSet(documents=documents).digest == answer.digest
    await suite.redis.start()
    await suite.ask("web", RenderLevel.HARD)
    await suite.documents(await suite.answer("web", works, after=len(suite.answers)))


async def test_a_bus_that_returns_with_an_empty_store_is_filled_again(suite: Suite) -> None:
    work = await suite.repository("wipe", {"web/cm.yaml": config_map("web")})
    source = RepositorySource(repo_url=suite.git.repo_url("wipe"), path="web")
    wish = await suite.want("web", source)
    await suite.answer("web", works)
    wiped = asyncio.Event()
    suite.bus.on_wipe(wiped.set)
    await suite.nats.restart(wipe=True)
    async with asyncio.timeout(120):
        await wiped.wait()
    bucket = suite.bus.key_value(SOURCES_BUCKET)
    await bucket.put(subjects.app_tokens("argocd", "web"), encode(wish))
    commit = await work.publish({"web/cm.yaml": config_map("web", "new")}, "second")
    await suite.webhook("wipe")
    await suite.answer("web", lambda a: works(a) and a.revisions == (commit,))
    await suite.ask("web", RenderLevel.REFRESH)
    await suite.answer("web", works, after=len(suite.answers))


async def test_killed_at_any_moment_every_commit_still_reaches_its_application(suite: Suite) -> None:
    rounds = int(os.environ.get("FAIRLEAD_TEST_KILLS", "6"))
    names = [f"a{i}" for i in range(8)]
    work = await suite.repository("chaos", {f"{name}/cm.yaml": config_map(name) for name in names})
    for name in names:
        await suite.want(name, RepositorySource(repo_url=suite.git.repo_url("chaos"), path=name))
        await suite.answer(name, works)
    for number in range(rounds):
        name, value = names[number % len(names)], f"round-{number}"
        commit = await work.publish({f"{name}/cm.yaml": config_map(name, value)}, value)
        await suite.webhook("chaos")
        await asyncio.sleep(random.uniform(0, 0.15))  # noqa: S311
        await suite.server.kill()
        suite.server = RepoServerProcess(suite)
        await suite.server.start()
        answer = await suite.answer(name, lambda a, commit=commit: works(a) and a.revisions == (commit,))
        [document] = await suite.documents(answer)
        assert document["data"] == {"key": value}
    assert not [a for a in suite.answers if a.failure and not a.failure.transient]


async def test_one_hanging_remote_does_not_hold_up_the_others(suite: Suite, tmp_path: Path) -> None:
    from fairlead.local.git_server import GitServer

    await suite.repository("quick", {"web/cm.yaml": config_map("web")})
    async with GitServer(tmp_path / "slow-git") as slow:
        await slow.create("slow")
        slow.hang()
        for number in range(40):
            source = RepositorySource(repo_url=slow.repo_url("slow"), path=f"p{number}")
            await suite.want(f"slow{number}", source)
        await suite.want("web", RepositorySource(repo_url=suite.git.repo_url("quick"), path="web"))
        assert works(await suite.answer("web"))
        slow.resume()


async def test_an_application_that_is_gone_is_not_answered(suite: Suite) -> None:
    work = await suite.repository("leave", {"web/cm.yaml": config_map("web"), "b/cm.yaml": config_map("b")})
    for name in ("web", "b"):
        await suite.want(name, RepositorySource(repo_url=suite.git.repo_url("leave"), path=name))
        await suite.answer(name)
    await suite.bus.key_value(SOURCES_BUCKET).delete(subjects.app_tokens("argocd", "web"))
    await suite.ask("web", RenderLevel.RESOLVE)
    commit = await work.publish(
        {"web/cm.yaml": config_map("web", "n"), "b/cm.yaml": config_map("b", "n")}, "both"
    )
    await suite.webhook("leave")
    await suite.answer("b", lambda a: a.revisions == (commit,))
    assert [a.name for a in suite.answers] == ["web", "b", "b"]


async def test_a_second_process_waits_for_the_folder_until_the_first_has_ended(suite: Suite) -> None:
    work = await suite.repository("shared", {"web/cm.yaml": config_map("web")})
    await suite.want("web", RepositorySource(repo_url=suite.git.repo_url("shared"), path="web"))
    await suite.answer("web", works)
    log = suite.folder / "repo-server.log"
    given_up = RepoServerProcess(suite)
    await given_up.start()
    await eventually(lambda: log.read_text().count("data_dir.in_use") == 1)
    await given_up.stop()
    second = RepoServerProcess(suite)
    await second.start()
    try:
        await eventually(lambda: log.read_text().count("data_dir.in_use") == 2)
        assert log.read_text().count("repo_server.ready") == 1
        await suite.server.kill()
        commit = await work.publish({"web/cm.yaml": config_map("web", "new")}, "second")
        await suite.answer("web", lambda a: a.revisions == (commit,))
    finally:
        suite.server = second


async def test_a_repository_that_is_away_is_looked_at_once_for_all_who_need_it(suite: Suite) -> None:
    names = [f"a{number}" for number in range(20)]
    await suite.repository("gone", {f"{name}/cm.yaml": config_map(name) for name in names})
    suite.git.fail(503)
    for name in names:
        await suite.want(name, RepositorySource(repo_url=suite.git.repo_url("gone"), path=name))
    for name in names:
        failed = await suite.answer(name)
        assert failed.failure is not None
        assert failed.failure.transient
    answers, before = len(suite.answers), suite.git.requests
    await eventually(lambda: suite.git.requests >= before + 2, seconds=60)
    assert suite.git.requests < before + len(names)
    assert len(suite.answers) == answers
    suite.git.resume()
    for name in names:
        await suite.answer(name, works)


async def test_a_broker_that_is_away_while_the_repo_server_starts_does_not_end_it(suite: Suite) -> None:
    work = await suite.repository("warm", {"web/cm.yaml": config_map("web")})
    await suite.want("web", RepositorySource(repo_url=suite.git.repo_url("warm"), path="web"))
    await suite.answer("web", works)
    await suite.server.stop()
    await suite.redis.restart(wipe=True)
    suite.server = RepoServerProcess(suite)
    await suite.server.start()
    await suite.ready()
    await suite.nats.kill()
    await asyncio.sleep(1)
    await suite.nats.start()
    commit = await work.publish({"web/cm.yaml": config_map("web", "new")}, "second")
    await suite.webhook("warm")
    await suite.answer("web", lambda a: works(a) and a.revisions == (commit,))
    assert suite.server.process is not None
    assert suite.server.process.returncode is None


async def test_a_commit_of_which_nobody_told_is_found_by_the_next_poll(suite: Suite) -> None:
    await suite.server.stop()
    suite.server = RepoServerProcess(suite, "--poll-seconds=2")
    await suite.server.start()
    work = await suite.repository("lost-word", {"web/cm.yaml": config_map("web")})
    await suite.want("web", RepositorySource(repo_url=suite.git.repo_url("lost-word"), path="web"))
    await suite.answer("web", works)
    commit = await work.publish({"web/cm.yaml": config_map("web", "new")}, "second")
    await suite.answer("web", lambda a: a.revisions == (commit,))


async def test_with_two_replicas_a_commit_arrives_whichever_is_killed(suite: Suite) -> None:
    other = RepoServerProcess(suite, "--poll-seconds=2", data="other")
    await other.start()
    try:
        work = await suite.repository("pair", {"web/cm.yaml": config_map("web")})
        await suite.want("web", RepositorySource(repo_url=suite.git.repo_url("pair"), path="web"))
        await suite.answer("web", works)
        second = await work.publish({"web/cm.yaml": config_map("web", "second")}, "second")
        await suite.webhook("pair")
        await suite.answer("web", lambda a: a.revisions == (second,))
        await suite.server.kill()
        third = await work.publish({"web/cm.yaml": config_map("web", "third")}, "third")
        await suite.webhook("pair")
        answer = await suite.answer("web", lambda a: a.revisions == (third,))
        assert answer.looks[0].number > 0
    finally:
        await other.stop()
