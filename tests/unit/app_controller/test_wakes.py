"""Whom a change of a live object concerns."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.comparing.comparison import compare_application
from fairlead.app_controller.destination.cluster import Cluster
from fairlead.app_controller.looking.wakes import Wakes
from fairlead.kube.live_index import ChangeType, LiveChange
from fairlead.manifest.identity import ResourceKey
from fairlead.model.application import AppId, Application, ApplicationSpec
from fairlead.model.metadata import ObjectMeta
from fairlead.settings import ControllerSettings
from tests.unit.app_controller.test_ledger import Told, key_of

KEY = key_of("ConfigMap", "a")


class Heard:
    """A queue, and a judge to whom everything is news."""

    def __init__(self) -> None:
        self.looks: list[AppId] = []
        self.judged = 0

    def add(self, app_id: AppId) -> None:
        self.looks.append(app_id)

    def take(self, _: LiveChange, __: object, tell: Callable[[], None]) -> None:
        self.judged += 1
        tell()


def changed(told: Told, key: ResourceKey, *, owned: bool) -> LiveChange:
    """A new version of an object that carries the mark."""
    old = told.world.get(key)
    told.put(key, "red", "app", "", owned)
    return LiveChange(ChangeType.MODIFIED, key, old, told.world.get(key))


def woken_by(record: Record, book: Book, change: LiveChange) -> Heard:
    heard = Heard()
    wakes = Wakes(book, cast(Any, heard), ControllerSettings, cast(Any, heard))
    wakes.live(cast(Cluster, SimpleNamespace(server=record.server, health=None)), change)
    return heard


async def test_a_wanted_object_that_is_owned_by_another_one_is_looked_at_and_a_child_is_not() -> None:
    book = Book("argocd")
    metadata = ObjectMeta(name="app", namespace="argocd")
    record = book.open(Application(metadata=metadata, spec=ApplicationSpec()))
    book.place(record, "https://a")
    told = Told({KEY: ("red", "")})
    record.ledger = told.ledger
    told.put(KEY, "red", "app", "", True)
    await compare_application(told.subject(), told.ledger)
    heard = woken_by(record, book, changed(told, KEY, owned=True))
    assert (heard.looks, heard.judged) == ([record.id], 1)
    child = key_of("ConfigMap", "b")
    told.put(child, "red", "app", "", True)
    assert woken_by(record, book, changed(told, child, owned=True)).looks == []
    assert woken_by(record, book, changed(told, child, owned=False)).looks == [record.id]
