"""Whose an application is, at the moment of each write."""

import json
from types import SimpleNamespace
from typing import Any, cast

from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.ownership import Ownership
from fairlead.kube.fence import held
from fairlead.model.application import AppId
from fairlead.model.decode import decode_application
from fairlead.process.work_queue import WorkQueue

APP = AppId("argocd", "app")
OURS, ANOTHERS = "https://ours", "https://anothers"


def application(server: str) -> Any:
    spec = {"destination": {"server": server, "namespace": "work"}}
    return decode_application(
        json.dumps({"metadata": {"name": "app", "namespace": "argocd"}, "spec": spec}).encode()
    )


class Scene:
    """A replica that owns one of two clusters."""

    def __init__(self) -> None:
        self.owned = {OURS}
        self.is_valid = True
        self.book = Book("argocd")
        self.record = self.book.open(application(OURS))
        self.met: list[AppId] = []
        self.queue: WorkQueue[AppId] = WorkQueue()
        clusters = SimpleNamespace(key_of=lambda destination: destination.server, leave=lambda: None)
        membership = SimpleNamespace(
            owns=lambda key: key in self.owned, may_act=lambda key: key in self.owned and self.is_valid
        )
        self.ownership = Ownership(
            self.book, self.queue, cast(Any, clusters), cast(Any, membership), meet=self._meet
        )

    def _meet(self, record: Record) -> None:
        self.met.append(record.id)


async def test_a_look_writes_only_while_the_application_is_ours() -> None:
    scene, seen = Scene(), list[bool]()

    async def look(_: AppId) -> float | None:
        seen.append(held())
        scene.is_valid = False
        seen.append(held())
        scene.is_valid = True
        scene.record.app = application(ANOTHERS)
        seen.append(held())
        scene.record.app = application(OURS)
        scene.book.close(APP)
        seen.append(held())
        return 7.0

    assert await scene.ownership.work(APP, look) == 7.0
    assert seen == [True, False, False, False], "the Lease lapsed; it went to another's cluster; it is gone"
    assert not held()


async def test_what_was_anothers_is_met_anew_and_looked_at() -> None:
    scene, looked = Scene(), list[AppId]()

    async def look(app_id: AppId) -> float | None:
        looked.append(app_id)
        return None

    scene.owned = set()
    assert await scene.ownership.work(APP, look) is None
    assert not looked
    scene.owned = {OURS}
    scene.ownership.changed()
    assert scene.queue.depth == 1
    await scene.ownership.work(APP, look)
    await scene.ownership.work(APP, look)
    assert (scene.met, looked) == ([APP], [APP, APP])
