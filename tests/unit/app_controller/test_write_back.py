"""What is written of an operation that cannot go on, or whose end is asked for while it is at work."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

import pytest

from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.following.applications import Applications
from fairlead.app_controller.following.asked import REFRESH
from fairlead.app_controller.looking.write_back import WriteBack
from fairlead.app_controller.rendering.render import Render
from fairlead.app_controller.reporting.patch import patched
from fairlead.app_controller.reporting.status import StatusWriter
from fairlead.app_controller.reporting.tell import Teller
from fairlead.app_controller.syncing.operation import Progress
from fairlead.events import Cause, RenderLevel
from fairlead.kube import write
from fairlead.kube.errors import UnreachableError
from fairlead.kube.rest import KubeClient
from fairlead.kube.writer import ClusterWriter
from fairlead.model.application import AppId
from fairlead.model.decode import decode_application
from fairlead.model.sync import OperationPhase, OperationState
from tests.unit.kube.objects import anything

Object = dict[str, Any]
STARTED, REVISION = "2026-01-01T00:00:00Z", "c" * 40


class _Teller:
    async def operation_completed(self, *_: object) -> None:
        pass

    async def transitions(self, *_: object) -> None:
        pass


class _Case:
    """One Application in a server that knows merge patches only."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **state: Any) -> None:
        operation = {"sync": {"revision": REVISION}, "initiatedBy": {"automated": True}}
        known = {"phase": "Running", "startedAt": STARTED, "operation": operation, **state}
        self.stored: Object = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": "app", "namespace": "argocd", "uid": "u", "resourceVersion": "1"},
            "spec": {
                "project": "default",
                "source": {"repoURL": "https://git.example/a.git", "path": "."},
                "destination": {"server": "https://kubernetes.default.svc", "namespace": "work"},
            },
            "operation": operation,
            "status": {"operationState": known},
        }
        self.looked: list[AppId] = []
        book = Book("argocd")
        client = cast(KubeClient, None)
        self.applications = Applications(client, book, on_change=self.looked.append, on_gone=lambda _: None)
        self.record: Record = book.open(decode_application(self.raw))
        teller = cast(Teller, _Teller())
        status = StatusWriter(
            ClusterWriter(client, fence=lambda: True, gate=anything), self.applications, teller
        )
        self.write_back = WriteBack(status, teller)

        async def merge_patch(*args: Any, **_: Any) -> bytes:
            self.change(json.loads(args[3]))
            return self.raw

        monkeypatch.setattr(write, "merge_patch", merge_patch)

    @property
    def raw(self) -> bytes:
        return json.dumps(self.stored).encode()

    def change(self, patch: Object) -> None:
        """As the server does."""
        self.stored = patched(self.stored, patch)
        version = int(self.stored["metadata"]["resourceVersion"]) + 1
        self.stored["metadata"]["resourceVersion"] = str(version)

    @property
    def state(self) -> OperationState:
        state = self.record.app.status.operation_state
        assert state is not None
        return state

    async def goes_on(self, message: str) -> None:
        """An evaluation ends that had begun when the operation still ran."""
        state = OperationState(
            phase=OperationPhase.RUNNING,
            started_at=STARTED,
            operation=self.state.operation,
            message=message,
        )
        operation = self.record.app.operation
        assert operation is not None
        await self.write_back.progressed(
            self.record, operation, Progress(state=state), self.record.app.status
        )


async def test_an_end_that_was_asked_for_during_an_evaluation_is_not_taken_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = _Case(monkeypatch)
    case.change({"status": {"operationState": {"phase": "Terminating"}}})
    case.record.app = decode_application(case.raw)
    await case.goes_on("waiting for healthy state")
    assert case.stored["status"]["operationState"]["phase"] == "Terminating"
    assert case.stored["status"]["operationState"]["message"] == "waiting for healthy state"


async def test_an_end_that_only_the_answer_to_our_own_write_tells_of_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = _Case(monkeypatch)
    case.change({"status": {"operationState": {"phase": "Terminating"}}})
    await case.goes_on("waiting for healthy state")
    assert case.state.phase == "Terminating"
    assert case.looked == [case.record.id]


async def test_an_operation_between_two_attempts_outlives_a_cluster_that_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = _Case(monkeypatch, finishedAt="2026-01-01T00:01:00Z", retryCount=1)
    await case.write_back.unread(case.record, case.record.app.status, "the cluster is away")
    assert case.record.app.operation is not None
    assert (case.state.phase, case.state.message) == ("Running", "the cluster is away")


async def test_an_end_that_was_asked_for_comes_whatever_is_waited_for_and_names_what_was_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for way in ("unread", "waiting"):
        case = _Case(monkeypatch, phase="Terminating")
        if way == "unread":
            await case.write_back.unread(case.record, case.record.app.status, "the cluster is away")
        else:
            await case.write_back.waiting(case.record, "there are no manifests yet")
        assert case.record.app.operation is None
        assert case.state.phase == "Failed"
        assert case.state.sync_result is not None
        assert case.state.sync_result.revision == REVISION


async def test_a_refresh_is_answered_by_a_cluster_that_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = _Case(monkeypatch)
    cleared: list[str] = []

    async def json_patch(*_: Any, **__: Any) -> bytes:
        cleared.append("refresh")
        return case.raw

    monkeypatch.setattr(write, "json_patch", json_patch)
    case.change({"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}})
    case.record.app = decode_application(case.raw)
    case.record.render = Render()
    await case.write_back.unread(case.record, case.record.app.status, "the cluster is away")
    assert cleared == ["refresh"]


class _Refreshed(_Case):
    """One whose refresh is asked for; `during` is done while its status is written."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, during: Callable[[Record], None]) -> None:
        super().__init__(monkeypatch)
        self.cleared = 0
        self.change({"metadata": {"annotations": {REFRESH: "normal"}}})
        self.record.app = decode_application(self.raw)
        self.record.render = cast(Render, object())
        self.during = during

        async def merge_patch(*args: Any, **_: Any) -> bytes:
            self.change(json.loads(args[3]))
            self.during(self.record)
            return self.raw

        async def json_patch(*_: Any, **__: Any) -> bytes:
            self.cleared += 1
            self.change({"metadata": {"annotations": {REFRESH: None}}})
            return self.raw

        monkeypatch.setattr(write, "merge_patch", merge_patch)
        monkeypatch.setattr(write, "json_patch", json_patch)

    async def looks(self, message: str, *, meanwhile: Callable[[Record], None] = lambda _: None) -> None:
        """A look from its beginning to what it writes."""
        self.record.wanted.see()
        meanwhile(self.record)
        await self.goes_on(message)


async def test_a_refresh_that_is_answered_while_the_status_is_written_is_ended_by_the_next_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def answer(record: Record) -> None:
        record.wanted.answered_level = RenderLevel.REFRESH

    case = _Refreshed(monkeypatch, answer)
    await case.looks("one")
    assert case.cleared == 0
    case.during = lambda _: None
    await case.looks("two")
    assert case.cleared == 1


async def test_a_refresh_whose_answer_could_not_be_written_is_ended_by_the_next_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_: Record) -> None:
        raise UnreachableError("away")

    case = _Refreshed(monkeypatch, fail)
    case.record.wanted.answered_level = RenderLevel.REFRESH
    with pytest.raises(UnreachableError):
        await case.looks("one")
    case.during = lambda _: None
    await case.looks("two")
    assert case.cleared == 1


async def test_a_refresh_is_not_ended_by_a_look_that_began_before_its_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def answer(record: Record) -> None:
        record.wanted.answered_level = RenderLevel.REFRESH

    case = _Refreshed(monkeypatch, lambda _: None)
    await case.looks("one", meanwhile=answer)
    assert case.cleared == 0
    await case.looks("two")
    assert case.cleared == 1


async def test_a_refresh_is_not_ended_by_the_answer_to_the_one_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = _Refreshed(monkeypatch, lambda _: None)
    case.record.wanted.answered_level = RenderLevel.REFRESH
    await case.looks("one", meanwhile=lambda record: record.wanted.ask(RenderLevel.REFRESH, Cause.REFRESH))
    assert case.cleared == 0
    case.record.wanted.level, case.record.wanted.answered_level = 0, RenderLevel.REFRESH
    await case.looks("two")
    assert case.cleared == 1
