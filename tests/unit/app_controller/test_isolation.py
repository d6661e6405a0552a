"""What fails by itself fails alone: a cluster, an object of a collection, a part of the process."""

import asyncio
import base64
import contextlib
from typing import NoReturn

import msgspec
import pytest

from fairlead.app_controller.book import Book
from fairlead.app_controller.destination import clusters as following
from fairlead.app_controller.destination.clusters import Clusters, Entry
from fairlead.app_controller.destination.interest import Interests
from fairlead.kube import fence, sent
from fairlead.kube.collection import CONFIG_MAPS, Collection
from fairlead.kube.connection import Connection
from fairlead.kube.head import Head, decode_head
from fairlead.kube.live_state import LiveState
from fairlead.kube.rest import KubeClient
from fairlead.kube.watch_events import Added, Synced
from fairlead.manifest.identity import GroupKind, ResourceKey
from fairlead.model.application import AppId, Application
from fairlead.model.decode import decode_application
from fairlead.model.status import Destination
from fairlead.process import supervise as supervising
from fairlead.settings import ControllerSettings


class _All:
    def owns(self, _: str) -> bool:
        return True

    def may_act(self, _: str) -> bool:
        return True


def cluster_secret(name: str, server: str) -> tuple[Head, bytes]:
    data = {"server": server, "name": name, "config": "{}"}
    body = {
        "metadata": {"name": name, "namespace": "argocd"},
        "data": {key: base64.b64encode(value.encode()).decode() for key, value in data.items()},
    }
    raw = msgspec.json.encode(body)
    return decode_head(raw), raw


async def test_of_several_secrets_of_a_cluster_one_counts_by_whatever_name_it_is_called() -> None:
    """Else the second one would say whose a cluster is that is reached with the credentials of the first."""
    async with KubeClient(Connection(server="http://127.0.0.1:1")) as control:
        clusters = Clusters(
            control,
            ControllerSettings,
            owned=_All(),
            on_change=lambda *_: None,
            on_registered=lambda _: None,
        )
        clusters.take_secret(*cluster_secret("one", "https://one"))
        clusters.take_secret(*cluster_secret("mine", "https://one"))
        assert clusters.entry_for(Destination(name="mine")).name == "one"
        assert clusters.entry_for(Destination(server="https://one")).name == "one"


async def test_a_cluster_whose_secret_went_is_not_at_once_one_that_never_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who makes the Secret anew leaves a moment in which deletions would let go of all that runs there."""
    async with KubeClient(Connection(server="http://127.0.0.1:1")) as control:
        clusters = Clusters(
            control,
            ControllerSettings,
            owned=_All(),
            on_change=lambda *_: None,
            on_registered=lambda _: None,
        )
        by_server, by_name = Destination(server="https://one"), Destination(name="one")
        assert not clusters.has_just_left(by_server)
        clusters.take_secret(*cluster_secret("one", "https://one"))
        clusters.drop_secret(("argocd", "one"))
        assert all(clusters.has_just_left(destination) for destination in (by_server, by_name))
        assert not clusters.has_just_left(Destination(server="https://two"))
        clusters.take_secret(*cluster_secret("one", "https://one"))
        clusters.take_secret(*cluster_secret("one", "https://moved"))
        assert clusters.has_just_left(by_server)
        monkeypatch.setattr(following, "LEFT_HOLDS", 0.0)
        assert not clusters.has_just_left(by_server)


async def test_a_cluster_that_throws_is_started_again_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs: list[LiveState] = []
    real = LiveState.run

    async def run(self: LiveState) -> NoReturn:
        runs.append(self)
        if len(runs) == 1:
            raise ZeroDivisionError("by accident")
        await real(self)
        raise AssertionError

    monkeypatch.setattr(LiveState, "run", run)
    monkeypatch.setattr(supervising, "FIRST_PAUSE", 0.001)
    async with KubeClient(Connection(server="http://127.0.0.1:1")) as control:
        clusters = Clusters(
            control,
            ControllerSettings,
            owned=_All(),
            on_change=lambda *_: None,
            on_registered=lambda _: None,
        )
        running = asyncio.create_task(clusters.run())
        await asyncio.sleep(0)
        for port in (1, 2):
            server = f"http://127.0.0.1:{port}"
            clusters.opened(Entry(server=server, name=server, connection=Connection(server=server)))
        async with asyncio.timeout(120):
            while len(runs) < 3:
                await asyncio.sleep(0.001)
        assert not running.done()
        assert len(clusters.opened_clusters()) == 2
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    assert clusters.opened_clusters() == []


async def test_a_cluster_is_followed_in_nobodys_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The look that opens it ends; counts, traces and fences of that application are not the cluster's. Who
    counts all that the process does hears of it."""
    followed = asyncio.Event()

    async def run(self: LiveState) -> NoReturn:
        sent.tell("http://127.0.0.1:1", "GET", "/api/v1/pods", 200, 0.1)
        holds.append(fence.held())
        followed.set()
        await asyncio.Event().wait()
        raise AssertionError

    holds: list[bool] = []
    everything: list[sent.Sent] = []
    heard: list[sent.Sent] = []
    monkeypatch.setattr(LiveState, "run", run)
    async with KubeClient(Connection(server="http://127.0.0.1:1")) as control:
        clusters = Clusters(
            control,
            ControllerSettings,
            owned=_All(),
            on_change=lambda *_: None,
            on_registered=lambda _: None,
        )
        with sent.told(everything.append):
            running = asyncio.create_task(clusters.run())
        await asyncio.sleep(0)
        with sent.told(heard.append), fence.holding(lambda: True):
            server = "http://127.0.0.1:1"
            clusters.opened(Entry(server=server, name=server, connection=Connection(server=server)))
        async with asyncio.timeout(120):
            await followed.wait()
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    assert [one for one in heard if one.path == "/api/v1/pods"] == []
    assert "/api/v1/pods" in [one.path for one in everything]
    assert holds == [False]


def test_an_object_that_its_taker_cannot_take_does_not_keep_the_others_away() -> None:
    taken: list[str] = []

    def take(head: Head, _: bytes) -> None:
        if head.metadata.name == "bad":
            raise UnicodeError("no")
        taken.append(head.metadata.name)

    client = KubeClient.__new__(KubeClient)
    collection = Collection(client, CONFIG_MAPS, namespace=None, on_put=take, on_gone=lambda _: None)
    for name in ("bad", "good"):
        raw = b'{"metadata": {"name": "%s", "namespace": "n"}}' % name.encode()
        collection._take(Added(decode_head(raw), raw))
    collection._take(Synced("1"))
    assert taken == ["good"]
    assert collection.is_synced


async def test_a_supervised_part_is_told_of_as_failed_and_started_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(supervising, "FIRST_PAUSE", 0.001)
    failures: list[Exception] = []
    turns = 0

    async def part() -> None:
        nonlocal turns
        turns += 1
        if turns < 3:
            raise ValueError(str(turns))

    async with asyncio.timeout(120):
        await supervising.supervise("part", part, on_failure=failures.append)
    assert turns == 3
    assert [str(error) for error in failures] == ["1", "2"]


def test_only_those_who_want_a_definition_or_a_kind_are_found_and_none_after_they_are_gone() -> None:
    interests, one, two = Interests(), AppId("a", "one"), AppId("a", "two")
    crd = ResourceKey("apiextensions.k8s.io", "CustomResourceDefinition", "", "x.example")
    secret = ResourceKey("", "Secret", "n", "s")
    interests.note(one, [crd, secret])
    interests.note(two, [secret])
    assert interests.in_definition(crd) == {one}
    assert interests.in_kind(GroupKind("", "Secret")) == {one, two}
    interests.note(one, [])
    interests.forget(two)
    assert not interests.in_definition(crd)
    assert not interests.in_kind(GroupKind("", "Secret"))


def test_the_applications_of_a_cluster_are_found_wherever_they_move_and_none_after_they_are_gone() -> None:
    book = Book("argocd")
    one, two = (book.open(application(name)) for name in ("one", "two"))
    assert book.at("") == [one, two]
    book.place(one, "https://a")
    book.place(two, "https://a")
    book.place(two, "https://b")
    assert (book.at("https://a"), book.at("", "https://b")) == ([one], [two])
    anew = book.open(application("one"))
    book.place(one, "https://b")
    assert (book.at(""), book.at("https://a"), book.at("https://b")) == ([anew], [], [two])
    book.close(two.id)
    assert book.at("https://b") == []


def application(name: str) -> Application:
    body = {"metadata": {"name": name, "namespace": "argocd"}, "spec": {"destination": {}}}
    return decode_application(msgspec.json.encode(body))
