"""The bus on a real NATS server, with the users and rights that services have."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from nats.js import JetStreamContext
from nats.js.api import PubAck, StreamConfig

from fairlead.bus import (
    Bus,
    BusConfig,
    BusUnavailableError,
    Message,
    NoResponderError,
    RemoteError,
    RetryLaterError,
    StaleRevisionError,
    connection,
    requests,
    topology,
)
from fairlead.bus import publish as publishing
from fairlead.bus.permissions import server_authorization
from fairlead.bus.read import STORING
from fairlead.events import Cause, ManifestsRendered, RenderRequested, RevisionCheck, Trace, subjects, trace
from fairlead.events.public import PublicEventType, app_event
from fairlead.local.nats_server import NatsServer

PASSWORDS = {grant.service: f"{grant.service}-password" for grant in topology.GRANTS}


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[NatsServer]:
    async with NatsServer(tmp_path, users=server_authorization(PASSWORDS)) as running:
        yield running


@asynccontextmanager
async def connected(server: NatsServer, service: str) -> AsyncIterator[Bus]:
    bus = await Bus.connect(
        BusConfig(url=server.url, service=service, user=service, password=PASSWORDS[service])
    )
    try:
        yield bus
    finally:
        await bus.close()


class Renders:
    """A consumer of render requests that keeps what it got."""

    def __init__(self, bus: Bus) -> None:
        self.got: asyncio.Queue[Message] = asyncio.Queue()
        self.refusals = 0
        self._task = asyncio.create_task(bus.consume(topology.repo_renders("0"), self._handle))

    async def next(self) -> RenderRequested:
        message = await asyncio.wait_for(self.got.get(), 20)
        return message.event(RenderRequested)

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _handle(self, message: Message) -> None:
        if self.refusals:
            self.refusals -= 1
            raise RetryLaterError(0.05)
        await self.got.put(message)


def request(name: str) -> RenderRequested:
    return RenderRequested(namespace="argocd", name=name, cause=Cause.REFRESH)


async def ask(bus: Bus, name: str) -> None:
    await bus.publish(subjects.render_requested("0", "argocd", name), request(name))


async def test_a_request_reaches_its_consumer_with_its_trace(server: NatsServer) -> None:
    seen: asyncio.Queue[str] = asyncio.Queue()

    async def handle(_: Message) -> None:
        await seen.put(trace.current().trace_id)

    async with connected(server, "repo-server") as repo, connected(server, "app-controller") as controller:
        consuming = asyncio.create_task(repo.consume(topology.repo_renders("0"), handle))
        with trace.following(Trace.start()) as followed:
            await ask(controller, "web")
        assert await asyncio.wait_for(seen.get(), 10) == followed.trace_id
        consuming.cancel()
        await asyncio.gather(consuming, return_exceptions=True)


async def test_many_requests_for_one_application_are_one(server: NatsServer) -> None:
    async with connected(server, "repo-server") as repo, connected(server, "app-controller") as controller:
        for _ in range(50):
            await ask(controller, "web")
        await ask(controller, "other")
        renders = Renders(repo)
        assert {(await renders.next()).name for _ in range(2)} == {"web", "other"}
        await asyncio.sleep(0.2)
        assert renders.got.empty()
        await renders.stop()


async def test_an_event_sent_again_is_kept_once_and_takes_the_place_of_no_later_one(
    server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first confirmation is lost; a later event is sent before the first is sent again."""

    def rendered(commit: str) -> ManifestsRendered:
        return ManifestsRendered(namespace="argocd", name="web", revisions=(commit,))

    subject = subjects.manifests_rendered(0, "argocd", "web")
    async with connected(server, "app-controller"), connected(server, "repo-server") as repo:
        send, sent = JetStreamContext.publish, list[tuple[str, int]]()
        later: list[int] = []

        async def losing(self: JetStreamContext, *args: Any, **kwargs: Any) -> PubAck:
            confirmed = await send(self, *args, **kwargs)
            sent.append((kwargs["headers"]["Nats-Msg-Id"], confirmed.seq))
            if len(sent) == 1:
                later.append(await repo.publish(subject, rendered("c2")))
                raise TimeoutError
            return confirmed

        monkeypatch.setattr(JetStreamContext, "publish", losing)
        position = await repo.publish(subject, rendered("c1"))
        (first, at), (_, then), (again, kept_at) = sent
        assert (again, kept_at, position) == (first, at, at)
        assert then == later[0] > at
        assert await repo.newest(topology.MANIFESTS, subject) == then


async def test_a_message_put_back_comes_again(server: NatsServer) -> None:
    async with connected(server, "repo-server") as repo, connected(server, "app-controller") as controller:
        renders = Renders(repo)
        renders.refusals = 2
        await ask(controller, "web")
        assert (await renders.next()).name == "web"
        await renders.stop()


async def test_a_message_that_waits_for_its_turn_does_not_come_twice(server: NatsServer) -> None:
    """One after the other, the last for longer than the server waits."""
    count, came = 144, []
    pause = 1.5 * topology.repo_renders("0").ack_wait / count

    async def handle(message: Message) -> None:
        came.append((message.subject, message.attempt))
        await asyncio.sleep(pause)

    async with connected(server, "repo-server") as repo, connected(server, "app-controller") as controller:
        await asyncio.gather(*(ask(controller, f"app-{number}") for number in range(count)))
        consuming = asyncio.create_task(repo.consume(topology.repo_renders("0"), handle, concurrency=1))
        async with asyncio.timeout(120):
            while len({subject for subject, _ in came}) < count:
                await asyncio.sleep(0.1)
        consuming.cancel()
        await asyncio.gather(consuming, return_exceptions=True)
    assert {attempt for _, attempt in came} == {1}
    assert len(came) == count


async def test_garbage_is_dropped_and_the_next_message_handled(server: NatsServer) -> None:
    async with connected(server, "repo-server") as repo, connected(server, "app-controller") as controller:
        renders = Renders(repo)
        await controller.jetstream.publish(subjects.render_requested("0", "argocd", "bad"), b"\xc1garbage")
        await ask(controller, "web")
        names = []
        for _ in range(2):
            message = await asyncio.wait_for(renders.got.get(), 10)
            names.append(message.subject.rsplit(".", 1)[-1])
        assert "web" in names
        await renders.stop()


async def test_work_goes_on_after_the_server_came_back_with_an_empty_store(server: NatsServer) -> None:
    async with connected(server, "repo-server") as repo, connected(server, "app-controller") as controller:
        renders = Renders(repo)
        await ask(controller, "before")
        assert (await renders.next()).name == "before"
        wiped = asyncio.Event()
        controller.on_wipe(wiped.set)
        await server.restart(wipe=True)
        await ask(controller, "after")
        assert (await renders.next()).name == "after"
        await asyncio.wait_for(wiped.wait(), 10)
        await renders.stop()


async def test_a_bucket_is_watched_over_a_wipe(server: NatsServer) -> None:
    async with connected(server, "repo-server") as repo, connected(server, "app-controller") as controller:
        seen: asyncio.Queue[tuple[str, bytes | None]] = asyncio.Queue()

        async def watch() -> None:
            async for entry in repo.key_value(topology.SOURCES_BUCKET).watch():
                if entry.key:
                    await seen.put((entry.key, entry.value))

        watching = asyncio.create_task(watch())
        bucket = controller.key_value(topology.SOURCES_BUCKET)
        first = await bucket.put("argocd.web", b"1")
        assert first == 1
        assert await asyncio.wait_for(seen.get(), 10) == ("argocd.web", b"1")
        await bucket.delete("argocd.web")
        assert await asyncio.wait_for(seen.get(), 10) == ("argocd.web", None)
        gone = await bucket.get("argocd.web")
        assert gone is not None
        assert gone.value is None
        assert await bucket.get("argocd.other") is None
        await server.restart(wipe=True)
        await bucket.put("argocd.web", b"2")
        assert await asyncio.wait_for(seen.get(), 20) == ("argocd.web", b"2")
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def test_a_bucket_made_anew_while_we_were_connected_is_read_from_its_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It counts from the start, so what comes is before what was read last."""
    monkeypatch.setattr(connection, "LOOK_EVERY", 0.5)
    async with (
        NatsServer(tmp_path) as server,
        connected(server, "repo-server") as repo,
        connected(server, "app-controller") as controller,
    ):
        seen: dict[str, bytes | None] = {}
        wiped = asyncio.Event()
        repo.on_wipe(wiped.set)

        async def watch() -> None:
            async for entry in repo.key_value(topology.SOURCES_BUCKET).watch():
                seen[entry.key] = entry.value

        async def until_seen(value: bytes) -> None:
            async with asyncio.timeout(60):
                while seen.get("argocd.web") != value:
                    await asyncio.sleep(0.01)

        watching = asyncio.create_task(watch())
        bucket = controller.key_value(topology.SOURCES_BUCKET)
        for number in range(50):
            await bucket.put("argocd.web", str(number).encode())
        await until_seen(b"49")
        await asyncio.sleep(2 * sum(STORING))  # nobody looks while it is gone
        await controller.jetstream.delete_stream(topology.bucket_of(topology.SOURCES_BUCKET).stream)
        await controller.repair()
        await bucket.put("argocd.web", b"anew")
        await until_seen(b"anew")
        assert wiped.is_set()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def test_a_service_may_not_use_the_subjects_of_another(
    server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "ATTEMPTS", 1)
    monkeypatch.setattr(publishing, "TIMEOUT", 0.3)
    async with connected(server, "app-controller"), connected(server, "api-server") as api:
        with pytest.raises(BusUnavailableError):
            await ask(api, "web")
        await api.publish(subjects.revision_check("git.example/x"), RevisionCheck(repository="git.example/x"))


async def test_whoever_comes_before_the_owner_of_a_stream_awaits_it(server: NatsServer) -> None:
    async with connected(server, "repo-server") as repo, connected(server, "api-server") as api:
        assert repo.is_incomplete
        renders = Renders(repo)
        sending = asyncio.create_task(
            api.publish(subjects.revision_check("git.example/x"), RevisionCheck(repository="git.example/x"))
        )
        async with connected(server, "app-controller") as controller:
            await ask(controller, "web")
            assert (await renders.next()).name == "web"
            await sending
            async with asyncio.timeout(120):
                while repo.is_incomplete:
                    await asyncio.sleep(0.05)
        await renders.stop()


async def test_a_key_is_written_only_at_the_revision_that_was_expected(server: NatsServer) -> None:
    async with connected(server, "app-controller") as controller:
        bucket = controller.key_value(topology.SOURCES_BUCKET)
        first = await bucket.put("argocd.web", b"1", expected=0)
        with pytest.raises(StaleRevisionError):
            await bucket.put("argocd.web", b"2", expected=0)
        assert await bucket.put("argocd.web", b"2", expected=first) > first


async def test_a_sealed_bucket_holds_nothing_that_can_be_read_or_made_up(server: NatsServer) -> None:
    def config(secret: bytes) -> BusConfig:
        user = "app-controller"
        return BusConfig(url=server.url, service=user, user=user, password=PASSWORDS[user], secret=secret)

    ours, plain = await Bus.connect(config(b"a secret of the services")), await Bus.connect(config(b""))
    bucket, raw = (bus.key_value(topology.SOURCES_BUCKET) for bus in (ours, plain))
    await bucket.put("argocd.web", b"canary")
    stored, opened = await raw.get("argocd.web"), await bucket.get("argocd.web")
    assert stored is not None
    assert stored.value is not None
    assert b"canary" not in stored.value
    assert opened is not None
    assert opened.value == b"canary"
    await raw.put("argocd.other", stored.value)
    assert await bucket.get("argocd.other") is None
    await ours.close()
    await plain.close()


async def test_the_address_is_logged_without_its_user(server: NatsServer) -> None:
    config = BusConfig(url="nats://who:canary@a:4222,nats://b:4222", service="api-server")
    assert config.address == "nats://a:4222,nats://b:4222"
    assert "canary" not in repr(config)


async def test_a_request_is_answered_refused_or_without_responder(server: NatsServer) -> None:
    async def answer(subject: str, payload: bytes) -> bytes:
        if payload == b"no":
            raise RemoteError("NotFound", "there is none")
        return subject.encode() + b" " + payload

    async with connected(server, "repo-server") as repo, connected(server, "api-server") as api:
        with pytest.raises(NoResponderError):
            await api.request(subjects.rpc_repo("0", "test"), b"yes", timeout=60)
        await repo.serve(subjects.rpc_repo("0", "*"), answer, queue="repo-server")
        await repo.client.flush()
        assert await api.request(subjects.rpc_repo("0", "test"), b"yes", timeout=60) == b"rpc.repo.0.test yes"
        with pytest.raises(RemoteError, match="there is none") as refused:
            await api.request(subjects.rpc_repo("0", "test"), b"no", timeout=60)
        assert refused.value.code == "NotFound"


async def test_who_is_cancelled_while_it_begins_to_serve_answers_nothing(
    server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A partition that is given up as soon as it was taken has another owner, who answers."""
    reached, never = asyncio.Event(), asyncio.Event()

    async def until_known(*_: object) -> None:
        reached.set()
        await never.wait()

    async def answer(_: str, payload: bytes) -> bytes:
        return payload

    async with connected(server, "repo-server") as repo, connected(server, "api-server") as api:
        with monkeypatch.context() as patched:
            patched.setattr(requests, "until_known", until_known)
            serving = asyncio.create_task(repo.serve(subjects.rpc_repo("0", "*"), answer))
            await reached.wait()
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
        await repo.client.flush()
        with pytest.raises(NoResponderError):
            await api.request(subjects.rpc_repo("0", "test"), b"yes", timeout=60)


async def test_a_public_event_is_kept_for_readers(server: NatsServer) -> None:
    async with connected(server, "app-controller") as controller:
        publication = app_event(
            PublicEventType.APP_HEALTH,
            service="app-controller",
            namespace="argocd",
            name="my.app",
            trace=Trace.start(),
            data={"status": "Healthy"},
            suffix="healthy",
        )
        await controller.tell(publication)
        await asyncio.wait_for(_until_kept(controller, 1), 10)
        assert publication.subject == "fairlead.v1.app.argocd.my=2Eapp.health.healthy"


async def _until_kept(bus: Bus, wanted: int) -> None:
    """The stream takes a message that nobody waits for in its own time."""
    while (await bus.jetstream.stream_info("EVENTS")).state.messages != wanted:
        await asyncio.sleep(0.01)


async def test_a_consumer_that_is_cancelled_ends_whatever_arrives_at_that_moment(server: NatsServer) -> None:
    async def handle(_: Message) -> None:
        pass

    async def flood(bus: Bus) -> None:
        for number in itertools.count():
            await asyncio.gather(*(ask(bus, f"app-{number}-{place}") for place in range(20)))

    async with connected(server, "repo-server") as repo, connected(server, "app-controller") as controller:
        flooding = asyncio.create_task(flood(controller))
        for number in range(40):
            consuming = asyncio.create_task(repo.consume(topology.repo_renders("0"), handle))
            await asyncio.sleep(0.02 + number / 1000)
            consuming.cancel()
            await asyncio.wait({consuming}, timeout=5)
            assert consuming.done()
        flooding.cancel()
        await asyncio.gather(flooding, return_exceptions=True)


async def test_a_flood_of_questions_is_bounded_and_those_beyond_are_told_to_ask_again(
    server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairlead.bus.requests.MAX_SERVED", 3)
    open_gate, served = asyncio.Event(), 0

    async def answer(_: str, payload: bytes) -> bytes:
        nonlocal served
        served += 1
        await open_gate.wait()
        return payload

    async with connected(server, "repo-server") as repo, connected(server, "app-controller") as controller:
        await repo.serve(f"{subjects.RPC_REPO}.*.*", answer)
        subject = subjects.rpc_repo("0", "test")
        asking = [asyncio.create_task(controller.request(subject, b"x", timeout=60)) for _ in range(10)]
        async with asyncio.timeout(60):
            while sum(task.done() for task in asking) < 7:
                await asyncio.sleep(0.02)
        assert served == 3
        open_gate.set()
        answers = await asyncio.gather(*asking, return_exceptions=True)
        codes = [getattr(found, "code", found) for found in answers]
        assert sorted(map(str, codes)) == sorted([str(b"x")] * 3 + ["Unavailable"] * 7)
        assert await controller.request(subject, b"y", timeout=60) == b"y"


async def test_streams_of_earlier_versions_leave_their_room_to_those_in_their_place(tmp_path: Path) -> None:
    async with NatsServer(tmp_path) as server:
        config = BusConfig(url=server.url, service="app-controller")
        first = await Bus.connect(config)
        await first.jetstream.add_stream(StreamConfig(name="RENDERS", subjects=["render.requested.*.*"]))
        await first.close()
        second = await Bus.connect(config)
        names = {info.config.name for info in await second.jetstream.streams_info()}
        await second.close()
    assert "RENDERS" not in names
    assert names >= {kept.name for kept in topology.STREAMS}
