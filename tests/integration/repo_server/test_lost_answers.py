"""What NATS acknowledged and then lost is told again by the next poll, and nothing else is."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import nats.js.errors
import pytest_asyncio

from fairlead.bus.topology import MANIFESTS
from fairlead.events import ManifestsRendered, RepositorySource, decode, subjects
from tests.integration.repo_server.suite import Suite, config_map
from tests.integration.repo_server.test_faults import eventually

NAMES = ("api", "db", "web")
PATIENCE = 120.0


@pytest_asyncio.fixture(loop_scope="session")
async def polling(unserved: Suite) -> AsyncIterator[Suite]:
    """A suite with three applications that were answered, whose repo-server polls every second."""
    suite = unserved
    await suite.serve("--poll-seconds=1")
    await suite.repository("lost", {f"{name}/cm.yaml": config_map(name) for name in NAMES})
    for name in NAMES:
        await suite.want(name, RepositorySource(repo_url=suite.git.repo_url("lost"), path=name))
    for name in NAMES:
        await suite.answer(name, lambda a: a.failure is None)
    yield suite


def log(suite: Suite) -> str:
    return Path(suite.folder / "repo-server.log").read_text()


async def looked(suite: Suite, *, times: int = 3) -> None:
    """So many more looks at the stream have begun and ended."""
    wanted = log(suite).count('"answers.checked"') + times + 1
    await eventually(lambda: log(suite).count('"answers.checked"') >= wanted, seconds=PATIENCE)


def told_again(suite: Suite) -> int:
    return log(suite).count('"answer.told_again"')


async def held(suite: Suite, name: str) -> ManifestsRendered | None:
    """The answer that the stream has."""
    try:
        subject = subjects.manifests_rendered(0, "argocd", name)
        message = await suite.bus.jetstream.get_last_msg(MANIFESTS.name, subject)
    except nats.js.errors.NotFoundError:
        return None
    return decode(ManifestsRendered, message.data or b"")


async def test_answers_that_a_purge_took_before_a_controller_read_them_are_told_again_once(
    polling: Suite,
) -> None:
    suite = polling
    await looked(suite)
    assert Counter(answer.name for answer in suite.answers) == dict.fromkeys(NAMES, 1)
    before = {answer.name: answer for answer in suite.answers}
    renders = suite.renders()
    await suite.bus.jetstream.purge_stream(MANIFESTS.name)
    for name in NAMES:
        assert await suite.answer(name, after=len(NAMES)) == before[name]
        assert await held(suite, name) == before[name]
    await looked(suite)
    assert Counter(answer.name for answer in suite.answers) == dict.fromkeys(NAMES, 2)
    assert suite.renders() == renders


async def test_of_all_answers_only_the_lost_one_is_told_again(polling: Suite) -> None:
    suite = polling
    message = await suite.bus.jetstream.get_last_msg(
        MANIFESTS.name, subjects.manifests_rendered(0, "argocd", "db")
    )
    assert message.seq is not None
    await suite.bus.jetstream.delete_msg(MANIFESTS.name, message.seq)
    await suite.answer("db", after=len(NAMES))
    await looked(suite)
    assert Counter(answer.name for answer in suite.answers) == {"api": 1, "db": 2, "web": 1}


async def test_a_stream_that_was_made_anew_gets_every_answer_again(polling: Suite) -> None:
    """Its positions start over, below those that were acknowledged."""
    suite = polling
    await suite.bus.jetstream.delete_stream(MANIFESTS.name)
    await suite.bus.repair()
    await eventually(lambda: told_again(suite) == len(NAMES), seconds=PATIENCE)
    for name in NAMES:
        assert await held(suite, name) is not None
    await looked(suite)
    assert told_again(suite) == len(NAMES)


async def test_of_an_application_that_wants_other_sources_by_now_nothing_old_is_told(polling: Suite) -> None:
    suite = polling
    await suite.bus.jetstream.purge_stream(MANIFESTS.name)
    await suite.want("web", RepositorySource(repo_url=suite.git.repo_url("lost"), path="api"))
    [old] = [answer for answer in suite.answers[: len(NAMES)] if answer.name == "web"]
    anew = await suite.answer("web", lambda a: a.sources_digest != old.sources_digest)
    await looked(suite)
    last = await held(suite, "web")
    assert last is not None
    assert last.sources_digest == anew.sources_digest
