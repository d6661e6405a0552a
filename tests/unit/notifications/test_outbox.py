"""Messages on their way: in order, each destination by itself; and what becomes of those that fail."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from fairlead.events import Trace
from fairlead.notices.configuration import Configuration, Service
from fairlead.notices.judging.decide import Send
from fairlead.notices.judging.subscriptions import Wishes
from fairlead.notices.senders import DeliveryError, Message, OptionError
from fairlead.notifications.delivering import lane as lanes
from fairlead.notifications.delivering import ledger as kept
from fairlead.notifications.delivering import outbox as module
from fairlead.notifications.delivering.lane import Lane, Parcel
from fairlead.notifications.delivering.ledger import Ledger
from fairlead.notifications.delivering.outbox import Outbox
from fairlead.notifications.following.applications import Followed

CONFIGURATION = Configuration(namespace="ns")


class _World:
    """A sender, and who is told what became of messages."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.arrived_keys: list[str] = []
        self.dead: list[tuple[str, str]] = []
        self.tried: list[str] = []
        self.is_leading = True
        self.room: list[tuple[str, str]] = []
        self.do: Callable[[str], Coroutine[Any, Any, None]] = self._nothing
        self.configuration: Configuration | None = Configuration(
            services={name: Service(name=name, kind="webhook", options={}) for name in ("a", "b")}
        )
        self.outbox = Outbox(
            current=lambda _: self.configuration,
            sender_of=lambda _, service: _Sender(self, service),
            outcomes=self,
            is_leading=lambda: self.is_leading,
            has_room=self.room.append,
        )

    async def _nothing(self, _: str) -> None:
        return None

    def put(self, service: str, recipient: str, key: str, uid: str = "u") -> None:
        send = Send(key=key, trigger="t", templates=("x",), service=service, recipient=recipient)
        parcel = Parcel(
            app=followed(uid),
            send=send,
            message=Message(text=key),
            namespace="ns",
            digest="d",
            dedupe=key,
            stays=False,
            trace=Trace.start(),
        )
        self.outbox.put(parcel)

    def arrived(self, parcel: Parcel) -> None:
        self.arrived_keys.append(parcel.send.key)

    def failed(self, parcel: Parcel, words: str, *, is_dead: bool) -> None:
        if is_dead:
            self.dead.append((parcel.send.key, words))
        else:
            self.tried.append(parcel.send.key)

    async def until(self, holds: Callable[[], object]) -> None:
        async with asyncio.timeout(30):
            while not holds():
                await asyncio.sleep(0.001)


class _Sender:
    def __init__(self, world: _World, service: str) -> None:
        self._world = world
        self._service = service

    async def send(self, message: Message, recipient: str, *, dedupe: str) -> None:
        assert dedupe == message.text
        await self._world.do(message.text)
        self._world.sent.append((f"{self._service}:{recipient}", message.text))


def followed(uid: str = "u") -> Followed:
    return Followed(
        name=("ns", "app"), uid=uid, version="1", labels={}, project="", wishes=Wishes(), memory={}
    )


def parcel_of(uid: str) -> Parcel:
    send = Send(key="k", trigger="t", templates=("x",), service="a", recipient="x")
    return Parcel(
        app=followed(uid),
        send=send,
        message=Message(),
        namespace="ns",
        digest="d",
        dedupe="k",
        stays=False,
        trace=Trace.start(),
    )


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(lanes, "LONGEST_PAUSE", 0.001)
    monkeypatch.setattr(module, "DRAIN", 0.05)


async def test_one_destination_is_told_in_order_and_one_that_hangs_delays_no_other() -> None:
    world = _World()

    async def hang(key: str) -> None:
        if key == "hung":
            await asyncio.Event().wait()

    world.do = hang
    for service, recipient, key in [
        ("a", "x", "hung"),
        ("a", "x", "behind"),
        ("a", "y", "1"),
        ("a", "y", "2"),
        ("b", "x", "3"),
    ]:
        world.put(service, recipient, key)
    await world.until(lambda: len(world.arrived_keys) == 3)
    assert [key for to, key in world.sent if to == "a:y"] == ["1", "2"]
    assert world.outbox.depth == 2
    await world.outbox.close()
    assert world.outbox.depth == 0


async def test_a_message_outlasts_a_configuration_that_is_taken_away_and_put_back() -> None:
    world = _World()
    known, world.configuration = world.configuration, None
    world.put("a", "x", "1")
    await world.until(lambda: world.tried)
    world.configuration = known
    await world.until(lambda: world.arrived_keys)
    assert world.dead == []


async def test_what_may_pass_is_tried_again_until_it_arrives() -> None:
    world = _World()

    async def fail(_: str) -> None:
        if len(world.tried) < 3:
            raise DeliveryError("busy", may_pass=True)

    world.do = fail
    world.put("a", "x", "1")
    await world.until(lambda: world.arrived_keys)
    assert world.tried == ["1", "1", "1"]
    assert world.dead == []


async def test_a_message_that_fails_holds_up_its_own_application_and_no_other() -> None:
    world, heals = _World(), asyncio.Event()

    async def fail(key: str) -> None:
        if key == "bad" and not heals.is_set():
            raise DeliveryError("status 500", may_pass=True)

    world.do = fail
    for key, uid in (("bad", "one"), ("after it", "one"), ("1", "two"), ("2", "two"), ("3", "three")):
        world.put("a", "x", key, uid)
    await world.until(lambda: len(world.arrived_keys) == 3)
    assert world.arrived_keys == ["1", "2", "3"]
    assert world.outbox.depth == 2
    heals.set()
    await world.until(lambda: len(world.arrived_keys) == 5)
    assert world.arrived_keys[3:] == ["bad", "after it"]
    assert world.dead == []


def test_a_destination_that_is_down_is_asked_by_one_after_a_few_and_ever_more_slowly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1000.0
    monkeypatch.setattr("fairlead.notifications.delivering.lane.time.monotonic", lambda: now)
    monkeypatch.setattr(lanes, "FIRST_PAUSE", 1.0)
    monkeypatch.setattr(lanes, "LONGEST_PAUSE", 8.0)
    lane = Lane()
    for number in range(50):
        lane.put(parcel_of(f"app-{number}"))
    asked, waited = [], []
    for _ in range(12):
        parcel, seconds = lane.next()
        if parcel is None:
            waited.append(seconds)
            now += seconds
            parcel, _ = lane.next()
        assert parcel is not None
        asked.append(parcel.app.uid)
        lane.put_off(parcel, None)
    assert asked == [f"app-{number}" for number in range(12)]
    assert len(waited) == 9
    assert all(
        longest / 2 <= seconds <= longest for seconds, longest in zip(waited, (1, 2, 4, 8, 8), strict=False)
    )
    now += 8.0
    parcel, _ = lane.next()
    assert parcel is not None
    lane.take_out(parcel, has_arrived=True)
    assert lane.next()[0] is not None
    parcel, _ = lane.next()
    assert parcel is not None
    lane.put_off(parcel, 10_000.0)
    assert lane.next() == (None, lanes.LONGEST_WISH)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (DeliveryError("no such channel", may_pass=False), "no such channel"),
        (OptionError("token is missing"), "token is missing"),
        (ValueError("surprise"), "ValueError while sending"),
    ],
)
async def test_what_cannot_pass_is_dead_and_the_next_one_is_sent(error: Exception, words: str) -> None:
    world = _World()

    async def fail(key: str) -> None:
        if key == "1":
            raise error

    world.do = fail
    world.put("a", "x", "1")
    world.put("a", "x", "2")
    await world.until(lambda: world.arrived_keys)
    assert world.dead == [("1", words)]
    assert world.arrived_keys == ["2"]


async def test_what_is_tried_for_too_long_is_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_FOR", 0.01)
    world = _World()

    async def fail(_: str) -> None:
        await asyncio.sleep(0.005)
        raise DeliveryError("away", may_pass=True)

    world.do = fail
    world.put("a", "x", "1")
    await world.until(lambda: world.dead)
    assert world.dead == [("1", "away")]


async def test_a_service_that_is_gone_and_one_who_does_not_lead_send_nothing() -> None:
    world = _World()
    world.put("gone", "x", "1")
    await world.until(lambda: world.dead)
    world.is_leading = False
    world.put("a", "x", "2")
    await world.until(lambda: world.tried)
    assert world.sent == []
    await world.outbox.close()


async def test_there_is_room_for_so_many_and_who_found_none_is_told_when_there_is() -> None:
    world, gate = _World(), asyncio.Event()

    async def hang(_: str) -> None:
        await gate.wait()

    world.do = hang
    for number in range(module.QUEUE):
        assert world.outbox.has_room(CONFIGURATION, "a", "x", ("ns", "first"))
        world.put("a", "x", str(number))
    for number in range(module.QUEUE):
        assert not world.outbox.has_room(CONFIGURATION, "a", "x", ("ns", str(number)))
    assert world.outbox.has_room(CONFIGURATION, "a", "y", ("ns", "other"))
    assert world.room == []
    gate.set()
    await world.until(lambda: len(world.arrived_keys) == module.QUEUE)
    assert world.room == [("ns", str(number)) for number in range(module.QUEUE)]
    await world.outbox.close()


async def test_at_the_end_what_is_being_sent_arrives_and_nothing_else_is_begun() -> None:
    world, gate = _World(), asyncio.Event()

    async def wait(_: str) -> None:
        await gate.wait()

    world.do = wait
    world.put("a", "x", "1")
    world.put("a", "x", "2")
    await asyncio.sleep(0)
    ending = asyncio.create_task(world.outbox.close())
    await asyncio.sleep(0)
    gate.set()
    await ending
    assert world.arrived_keys == ["1"]


def test_a_namespace_that_serves_itself_has_less_room() -> None:
    own = Configuration(namespace="team", is_own=True)
    outbox = _World().outbox
    outbox._lanes = {("team", "a", str(number)): Lane() for number in range(module.OWN_LANES)}
    assert not outbox.has_room(own, "a", "one more", ("team", "app"))
    assert outbox.has_room(CONFIGURATION, "a", "x", ("ns", "app"))


def test_what_was_sent_counts_before_it_is_written_and_what_is_over_is_not_remembered() -> None:
    ledger, app = Ledger(), followed()
    app.memory = {"old": 1, "over": 2}
    ledger.page(app).under_way |= {"new", "past", "once"}
    ledger.page(app).in_force["ns"] = frozenset({"new"})
    assert ledger.is_remembered(app, "new", "d")
    assert ledger.sent(app, "new", stays=False, now=10)
    assert not ledger.sent(app, "past", stays=False)
    assert ledger.sent(app, "once", stays=True, now=11)
    assert ledger.forget(app, frozenset({"over"}))
    assert [ledger.remembers(app, key) for key in ("old", "over", "new", "past", "once")] == [
        True,
        False,
        True,
        False,
        True,
    ]
    memory, changes = ledger.wanted(app)
    assert memory == {"old": 1, "new": 10, "once": 11}
    app.memory = memory
    assert not ledger.written(app, changes)
    assert ledger.remembers(app, "new")


def test_an_application_is_settled_until_what_was_given_up_may_be_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ledger, app = Ledger(), followed()
    ledger.page(app).judged = (app.version, "", ())
    assert ledger.is_settled(app)
    ledger.failed(app, "k", "one")
    assert ledger.is_settled(app)
    monkeypatch.setattr(kept, "GIVEN_UP_FOR", 0.0)
    ledger.failed(app, "k", "one")
    assert not ledger.is_settled(app)
    assert not ledger.is_remembered(app, "k", "one")
    assert ledger.is_settled(app)
    ledger.doubt(app)
    assert not ledger.is_settled(app)


def test_what_was_given_up_waits_for_another_configuration() -> None:
    ledger, app = Ledger(), followed()
    ledger.failed(app, "k", "one")
    assert ledger.is_remembered(app, "k", "one")
    assert not ledger.remembers(app, "k")
    assert not ledger.is_remembered(app, "k", "two")
