"""What a controller believes is compared with what the owner stands behind, whatever was lost on the way."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.rendering.level import Level
from fairlead.app_controller.rendering.renders import Renders
from fairlead.app_controller.rendering.revisions import Followers, Revisions
from fairlead.app_controller.rendering.wants import Wants
from fairlead.bus import Message
from fairlead.bus.topology import MANIFESTS, SOURCES_BUCKET, controller_manifests, controller_moves
from fairlead.events import Capabilities, Cause, RenderLevel, subjects
from fairlead.local.work_repo import WorkRepo
from fairlead.matching.repository import partition
from fairlead.model.application import AppId
from fairlead.model.decode import decode_application
from fairlead.rpc import beliefs
from tests.integration.repo_server.suite import RepoServerProcess, Suite, config_map
from tests.integration.repo_server.test_faults import eventually
from tests.integration.repo_server.test_ownership import pair, stopped

pytestmark = pytest.mark.own_servers

PATIENCE = 120.0
SELDOM = "--poll-seconds=600"
SERVED = Capabilities(kube_version="v1.33.0")
CLUSTER: Any = SimpleNamespace(capabilities=SERVED, capabilities_digest=SERVED.digest)


class Believer:
    """The part of a controller that believes what it is told, without a cluster."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self.book = Book("argocd")
        self.deaf: set[str] = set()
        self.seen: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self.wants = Wants(suite.bus, self.book, requeue=self.requeue)
        self.renders = Renders(suite.bus, self.book, self.wants, owns=lambda _: True, requeue=lambda _: None)
        self.followers = Followers()
        self.revisions = Revisions(
            self.book, self.followers, per_second=0, is_busy=lambda: False, requeue=lambda _: None
        )
        self.level = Level(
            suite.bus,
            self.book,
            owns=lambda _: True,
            is_held=self.renders.is_held,
            requeue=self.requeue,
            confirmed=self.wants.confirmed,
            period=lambda: 1.0,
            settle=0.2,
        )

    def requeue(self, app_id: AppId) -> None:
        record = self.book.get(app_id)
        if record is not None:
            task = asyncio.create_task(self.wants.ensure(record, CLUSTER))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def follow(self, repo: str, name: str, path: str = "", *others: dict[str, str]) -> Record:
        source = {"repoURL": self.suite.git.repo_url(repo), "path": path or name}
        spec = {
            "project": "default",
            "sources": [source, *others],
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "default"},
        }
        body = {"metadata": {"namespace": "argocd", "name": name}, "spec": spec}
        record = self.book.open(decode_application(msgspec.json.encode(body)))
        self.followers.note(record)
        record.wanted.ask(RenderLevel.CACHED, Cause.STARTUP)
        await self.wants.ensure(record, CLUSTER)
        return record

    def at(self, name: str) -> str:
        """The commit that an application is believed to be at."""
        record = self.book.get(AppId("argocd", name))
        render = record.render if record is not None else None
        return render.revisions[0] if render is not None and render.revisions else ""

    def digest(self, name: str) -> str:
        """The manifests that an application is believed to want."""
        record = self.book.get(AppId("argocd", name))
        assert record is not None
        assert record.render is not None
        return record.render.digest

    async def until_at(self, commit: str, *names: str) -> None:
        await eventually(lambda: all(self.at(name) == commit for name in names), seconds=PATIENCE)

    async def answered(self) -> None:
        await eventually(
            lambda: all(r.render is not None and r.wanted.asked_at is None for r in self.book),
            seconds=PATIENCE,
        )

    async def hear_answer(self, message: Message) -> None:
        if subjects.app_of(message.subject)[1] not in self.deaf:
            await self.renders.handle(message)

    async def count(self, message: Message) -> None:
        """Core NATS shows all that is said, by anybody."""
        self.seen[message.subject.rpartition(".")[2] if "rpc" in message.subject else "told"] += 1


@asynccontextmanager
async def believing(suite: Suite) -> AsyncIterator[Believer]:
    believer = Believer(suite)
    for subject in (f"{subjects.RPC_REPO}.>", f"{subjects.RENDER_REQUESTED}.>", f"$KV.{SOURCES_BUCKET}.>"):
        await suite.bus.hear(subject, believer.count)
    running = [
        asyncio.create_task(suite.bus.consume(controller_manifests("level"), believer.hear_answer)),
        asyncio.create_task(suite.bus.consume(controller_moves("level"), believer.revisions.handle)),
        asyncio.create_task(believer.renders.run()),
    ]
    try:
        yield believer
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def lose_answer(suite: Suite, name: str) -> None:
    """Out of the middle of the stream."""
    message = await suite.bus.jetstream.get_last_msg(
        MANIFESTS.name, subjects.manifests_rendered(0, "argocd", name)
    )
    assert message.seq is not None
    await suite.bus.jetstream.delete_msg(MANIFESTS.name, message.seq)


async def replace_server(suite: Suite) -> None:
    """Kill the repo-server; another, with an empty folder, takes over."""
    await suite.server.kill()
    (suite.folder / "repo-server.log").write_text("")
    suite.server = RepoServerProcess(suite, SELDOM, data="heir")
    await suite.server.start()
    await suite.ready()


async def put(suite: Suite, work: WorkRepo, name: str, value: str) -> str:
    commit = await work.publish({f"{name}/cm.yaml": config_map(name, value)}, value)
    await suite.webhook(work.folder.name)
    return commit


def log(suite: Suite) -> str:
    return (suite.folder / "repo-server.log").read_text()


async def test_a_lost_answer_and_a_lost_wish_are_found_though_who_knew_of_them_was_killed(
    suite: Suite,
) -> None:
    async with believing(suite) as believer:
        names = ("api", "db", "web")
        work = await suite.repository("level", {f"{name}/cm.yaml": config_map(name) for name in names})
        for name in names:
            await believer.follow("level", name)
        await believer.until_at(await work.head(), *names)

        believer.deaf.add("db")
        second = await put(suite, work, "db", "second")
        await believer.until_at(second, "api", "web")
        await eventually(lambda: '"commit.advanced"' in log(suite), seconds=PATIENCE)
        await suite.answer("db", lambda a: a.revisions == (second,))
        await lose_answer(suite, "db")
        believer.deaf.clear()
        third = await put(suite, work, "web", "third")
        await believer.until_at(third, "api", "web")
        await replace_server(suite)
        await eventually(lambda: '"group.inherited"' in log(suite), seconds=PATIENCE)
        await asyncio.sleep(2)  # what the heir tells by itself is told
        assert believer.at("db") not in {second, third}
        await compared_until(believer, lambda: believer.at("db") == third)
        await believer.answered()

        await suite.bus.key_value(SOURCES_BUCKET).delete(subjects.app_tokens("argocd", "api"))
        suite.parts["api"] = partition(suite.git.repo_url("level"))
        await suite.ask("api", RenderLevel.CACHED)
        await eventually(lambda: '"render.request.dropped"' in log(suite), seconds=PATIENCE)
        before = believer.digest("api")
        fourth = await put(suite, work, "api", "fourth")
        await believer.until_at(fourth, *names)  # as nobody was affected, all are moved
        assert believer.digest("api") == before
        await compared_until(believer, lambda: believer.digest("api") != before)
        await believer.answered()
        assert believer.at("api") == fourth


async def compared_until(believer: Believer, holds: Any) -> None:
    """Compare until it holds: the heir may be in doubt for a while."""
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await believer.level.compare()
            await asyncio.sleep(0.5)


async def test_while_all_is_equal_nothing_is_asked_however_many_applications_there_are(suite: Suite) -> None:
    async with believing(suite) as believer:
        work = await suite.repository("equal", {f"{n}/cm.yaml": config_map("cm") for n in range(4)})
        for number in range(200):
            await believer.follow("equal", f"app-{number}", str(number % 4))
        beside = await suite.repository("beside", {"x/cm.yaml": config_map("beside")})
        other = {"repoURL": suite.git.repo_url("beside"), "path": "x"}
        await believer.follow("equal", "broken", "nowhere")
        await believer.follow("equal", "both", "1", other)
        await believer.follow("equal", "half-broken", "1", {**other, "path": "nowhere"})
        await believer.follow("equal", "pinned", "1", {**other, "targetRevision": await beside.head()})
        await believer.answered()
        for name in ("first", "second"):
            commit = await put(suite, work, "0", name)
            await believer.until_at(commit, *(f"app-{number}" for number in range(200)))
        await put(suite, beside, "y", "other")
        await put(suite, beside, "x", "other")
        await believer.until_at(commit, "both", "pinned")
        await believer.answered()
        await asyncio.sleep(2)
        believer.seen.clear()
        for _ in range(5):
            await believer.level.compare()
        await asyncio.sleep(1)
        assert believer.seen == {beliefs.COMPARE: 5}
        missed = believer.book.get(AppId("argocd", "app-7"))
        assert missed is not None
        assert missed.render is not None
        old = (await beside.head(),)
        missed.render = msgspec.structs.replace(missed.render, revisions=old, commits=old)
        await believer.level.compare()
        await believer.until_at(commit, "app-7")
        assert believer.seen == {beliefs.COMPARE: 7, "told": 2}, "its wish and its question"


async def test_while_two_believe_that_they_own_a_repository_nothing_moves_back(suite: Suite) -> None:
    async with believing(suite) as believer, pair(suite) as two:
        work = await suite.repository("shared", {"web/cm.yaml": config_map("web")})
        await believer.follow("shared", "web")
        await believer.until_at(await work.head(), "web")
        commit = ""
        for value in ("second", "third"):
            with stopped(two.servers[two.owner("shared")]):
                commit = await put(suite, work, "web", value)
                await believer.until_at(commit, "web")
            for _ in range(10):
                await believer.level.compare()
                assert believer.at("web") == commit
            await two.shared()
        await believer.answered()
        assert believer.at("web") == commit


async def test_after_nats_was_wiped_what_is_believed_is_equal_again(suite: Suite) -> None:
    async with believing(suite) as believer:
        work = await suite.repository("wiped", {"web/cm.yaml": config_map("web")})
        await believer.follow("wiped", "web")
        await believer.until_at(await work.head(), "web")
        wiped = asyncio.Event()
        suite.bus.on_wipe(wiped.set)
        await suite.nats.restart(wipe=True)
        async with asyncio.timeout(PATIENCE):
            await wiped.wait()
        commit = await work.publish({"web/cm.yaml": config_map("web", "second")}, "second")
        await suite.webhook("wiped")
        await compared_until(believer, lambda: believer.at("web") == commit)
