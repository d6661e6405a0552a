"""Which kinds are left out because they may not be listed, and which are in doubt."""

from __future__ import annotations

import asyncio
from typing import ClassVar, cast

import pytest

from fairlead.kube import denied
from fairlead.kube.denied import Denied, Respect
from fairlead.kube.errors import ForbiddenError, KubeError, UnreachableError
from fairlead.kube.followed_kind import FollowedKind
from fairlead.kube.keeping import Keeping
from fairlead.kube.kind_watch import KindWatch
from fairlead.kube.live_index import LiveIndex
from fairlead.kube.rest import KubeClient
from fairlead.kube.watch_events import Lost, Relisting, Synced
from fairlead.manifest.tracking import owner_of
from tests.unit.kube.objects import CONFIG_MAPS


class _Kind:
    """A kind that is followed in some namespaces, where refused lists are respected."""

    def __init__(self, *namespaces: str) -> None:
        self.denied = Denied(cast(KubeClient, None), Respect.NORMAL, lambda _: None)
        self.followed = FollowedKind(CONFIG_MAPS)
        for namespace in namespaces:
            part = KindWatch(
                CONFIG_MAPS,
                LiveIndex(),
                namespace=namespace,
                keeping=Keeping(owner_of),
                publish=lambda *_: None,
                on_state=self._note,
            )
            self.followed.parts.append(part)

    def _note(self) -> None:
        self.denied.note(self.followed, None)

    @property
    def is_left_out(self) -> bool:
        return CONFIG_MAPS.group_kind in self.denied

    def refuse(self, at: int, error: KubeError | None = None) -> None:
        self.followed.parts[at].take(Lost(error or ForbiddenError("no"), 1, gap=True))

    def list(self, at: int) -> None:
        self.followed.parts[at].take(Relisting())
        self.followed.parts[at].take(Synced("1"))


def test_a_kind_that_is_refused_everywhere_is_left_out() -> None:
    kind = _Kind("a", "b")
    kind.refuse(0)
    assert not kind.is_left_out
    kind.refuse(1)
    assert kind.is_left_out


def test_a_kind_that_is_read_in_one_namespace_is_in_doubt_for_another_and_not_left_out() -> None:
    kind = _Kind("a", "b")
    kind.refuse(1)
    kind.list(0)
    assert not kind.is_left_out
    kind.refuse(0)
    assert not kind.is_left_out


def test_a_kind_that_is_refused_after_its_server_was_away_is_left_out() -> None:
    kind = _Kind("a")
    kind.refuse(0, UnreachableError("reset"))
    assert not kind.is_left_out
    kind.refuse(0)
    assert kind.is_left_out
    kind.list(0)
    assert not kind.is_left_out


async def test_a_review_that_is_answered_with_nonsense_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Client:
        answers: ClassVar = [b"<html>", b'["allowed"]', b'{"status": {"allowed": false}}']

        async def create(self, *_: object) -> bytes:
            return self.answers.pop(0)

    monkeypatch.setattr(denied, "ASK_AGAIN", 0.0)
    kind = _Kind("a")
    kind.denied = Denied(cast(KubeClient, Client()), Respect.STRICT, lambda _: None)
    kind.refuse(0)
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        kind.denied.note(kind.followed, tasks)
    assert kind.is_left_out
