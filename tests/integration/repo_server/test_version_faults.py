"""Charts and artifacts whose remotes forget or change under one's hands, and whose reader is killed.

Nothing that was not published is ever told, nothing goes back, and the newest is reached in the end.
"""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest_asyncio

from fairlead.app_controller.book import Record
from fairlead.events import Cause, ManifestsRendered, RenderLevel, RepositorySource, RevisionCheck, subjects
from fairlead.local.packing import packed
from fairlead.model.decode import decode_application
from tests.integration.repo_server.suite import RepoServerProcess, Suite, config_map
from tests.integration.repo_server.test_charts import POLLS, Offers, chart, offering, shows
from tests.integration.repo_server.test_level import CLUSTER, Believer, believing, eventually
from tests.integration.repo_server.test_level import PATIENCE as LONG
from tests.integration.repo_server.test_ownership import stopped


@pytest_asyncio.fixture(loop_scope="session")
async def offers(unserved: Suite, tmp_path: Path) -> AsyncIterator[Offers]:
    async with offering(unserved, tmp_path) as offered:
        yield offered


async def push(offers: Offers, tag: str, value: str) -> str:
    return await offers.pusher.artifact("team/web", tag, packed({"cm.yaml": config_map("web", value)}))


def failed(answer: ManifestsRendered) -> bool:
    return answer.failure is not None


async def test_a_registry_that_forgot_everything_is_an_error_until_it_has_it_again(offers: Offers) -> None:
    suite, url = offers.suite, f"oci://{offers.registry.host}/team/web"
    digest = await push(offers, "1.0.0", "one")
    for name, revision in (("exact", "1.0.0"), ("ranged", "1.x"), ("pinned", digest)):
        await suite.want(name, RepositorySource(repo_url=url, path=".", target_revision=revision))
        await suite.answer(name, shows(digest))
    heard = len(suite.answers)
    await offers.registry.stop()
    await offers.registry.start()
    for name in ("exact", "ranged"):
        answer = await suite.answer(name, failed, after=heard)
        assert answer.failure is not None
        assert not answer.failure.transient
        assert (answer.digest, answer.revisions) == ("", ()), "an error, and no empty set of manifests"
    await suite.ask("pinned", RenderLevel.REFRESH)
    await suite.answer("pinned", shows(digest), after=heard)
    heard = len(suite.answers)
    assert await push(offers, "1.0.0", "one") == digest
    for name in ("exact", "ranged"):
        await suite.answer(name, shows(digest), after=heard)


async def test_a_tag_that_is_pushed_again_and_again_is_never_told_with_anothers_content(
    offers: Offers,
) -> None:
    suite, url = offers.suite, f"oci://{offers.registry.host}/team/web"
    values = {await push(offers, "stable", "v0"): "v0"}
    await suite.want("web", RepositorySource(repo_url=url, path=".", target_revision="stable"))
    await suite.answer("web", lambda answer: not failed(answer))
    repository = "127.0.0.1/team/web"
    for number in range(1, 16):
        values[await push(offers, "stable", f"v{number}")] = f"v{number}"
        check = RevisionCheck(repository=repository, cause=Cause.WEBHOOK)
        await suite.bus.publish(subjects.revision_check(repository), check)
        await suite.ask("web", RenderLevel.REFRESH)
        await asyncio.sleep(random.uniform(0, 0.05))  # noqa: S311
    newest = next(digest for digest, value in values.items() if value == "v15")
    await suite.answer("web", shows(newest))
    told = [answer for answer in suite.answers if answer.name == "web"]
    assert not any(map(failed, told))
    for answer in told:
        assert await offers.value(answer) == values[answer.revisions[0]]
    orders = [(answer.looks[0].number, values[answer.revisions[0]]) for answer in told]
    for one, other in itertools.pairwise(sorted(orders)):
        assert int(one[1][1:]) <= int(other[1][1:]), "a later look found what was pushed later"


async def test_a_reader_that_is_killed_at_any_moment_comes_to_the_newest_version(offers: Offers) -> None:
    suite, charts = offers.suite, offers.charts
    charts.add(chart("1.0.0", "of-1.0.0"))
    await suite.want("web", offers.of("1.*"))
    await suite.answer("web", shows("1.0.0"))
    for number in range(1, 6):
        charts.add(chart(f"1.{number}.0", f"of-1.{number}.0", **{"files/big.txt": "x" * 200_000}))
        await suite.ask("web", RenderLevel.REFRESH)
        await asyncio.sleep(random.uniform(0, 2.5))  # noqa: S311
        await suite.server.kill()
        suite.server = RepoServerProcess(suite, POLLS, credentials=True)
        await suite.server.start()
    await suite.answer("web", shows("1.5.0"))
    for answer in suite.answers:
        if not failed(answer):
            assert await offers.value(answer) == f"of-{answer.revisions[0]}"
    leftovers = [path for path in suite.folder.glob("data/mirrors/*/**/*") if path.name.startswith("tmp_")]
    assert len(leftovers) <= 5, "a killed import leaves no more than its own unfinished pack"


async def test_two_readers_make_the_same_commits_and_nothing_moves_back(offers: Offers) -> None:
    suite, charts = offers.suite, offers.charts
    charts.add(chart("1.0.0", "one"))
    other = RepoServerProcess(suite, POLLS, credentials=True, data="other")
    await other.start()
    try:
        async with believing(suite) as believer:
            record = await believe(believer, "web", offers.charts.url, "1.*")
            await at(record, "1.0.0")
            first = commit(record)
            charts.add(chart("1.1.0", "two"))
            await at(record, "1.1.0")
            seen = [commit(record)]
            for number, server in enumerate((suite.server, other, suite.server), 2):
                with stopped(server):
                    charts.add(chart(f"1.{number}.0", f"v{number}"))
                    await at(record, f"1.{number}.0")
                    seen.append(commit(record))
                await asyncio.sleep(2)  # who was stopped says what it still has to say
                assert shown(record) == f"1.{number}.0"
            assert len({first, *seen}) == len(seen) + 1
            commits: dict[str, set[str]] = {}
            for answer in suite.answers:
                if not failed(answer):
                    commits.setdefault(answer.revisions[0], set()).update(answer.commits)
            assert all(len(found) == 1 for found in commits.values()), "equal content is an equal commit"
    finally:
        await other.stop()


async def believe(believer: Believer, name: str, url: str, revision: str) -> Record:
    """An application of a chart, as a controller believes in it."""
    source = {"repoURL": url, "chart": "web", "targetRevision": revision}
    destination = {"server": "https://kubernetes.default.svc", "namespace": "default"}
    spec = {"project": "default", "source": source, "destination": destination}
    body = {"metadata": {"namespace": "argocd", "name": name}, "spec": spec}
    record = believer.book.open(decode_application(msgspec.json.encode(body)))
    believer.followers.note(record)
    record.wanted.ask(RenderLevel.CACHED, Cause.STARTUP)
    await believer.wants.ensure(record, CLUSTER)
    return record


def shown(record: Record) -> str:
    return record.render.revisions[0] if record.render is not None and record.render.revisions else ""


def commit(record: Record) -> str:
    return record.render.commits[0] if record.render is not None and record.render.commits else ""


async def at(record: Record, version: str) -> None:
    await eventually(lambda: shown(record) == version, seconds=LONG)
