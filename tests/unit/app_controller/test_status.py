"""What of a status is written at once, and what readers lay over until the next real write."""

from __future__ import annotations

from typing import Any, cast

import msgspec
import pytest

from fairlead.app_controller.book import Record
from fairlead.app_controller.reporting.status import StatusWriter
from fairlead.model.decode import decode_application
from fairlead.model.status import HealthStatus

BODY: dict[str, Any] = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Application",
    "metadata": {"name": "app", "namespace": "argocd", "uid": "u", "resourceVersion": "1"},
    "spec": {"project": "default", "destination": {"name": "in-cluster"}},
    "status": {"sync": {"status": "Synced", "revision": "c1"}, "health": {"status": "Healthy"}},
}


class Teller:
    """Tells nobody."""

    async def transitions(self, *_: object) -> None:
        """Nothing."""


@pytest.mark.parametrize(
    ("may_wait", "health", "sent"),
    [(True, "Healthy", 0), (False, "Healthy", 1), (True, "Degraded", 1)],
    ids=["readers know", "readers do not know", "more differs"],
)
async def test_a_revision_that_readers_know_is_written_with_the_next_real_write(
    monkeypatch: pytest.MonkeyPatch, may_wait: bool, health: str, sent: int
) -> None:
    bodies: list[object] = []

    async def send(_: StatusWriter, __: Record, body: object, *, guarded: bool) -> None:
        bodies.append(body)

    monkeypatch.setattr(StatusWriter, "_send", send)
    nobody = cast(Any, Teller())
    writer = StatusWriter(nobody, nobody, nobody, may_wait=lambda *_: may_wait)
    record = Record(decode_application(msgspec.json.encode(BODY)), "app")
    before = record.app.status
    status = msgspec.structs.replace(
        before,
        sync=msgspec.structs.replace(before.sync, revision="c2"),
        health=HealthStatus(status=health),
    )
    assert await writer.write(record, status) is bool(sent)
    assert len(bodies) == sent


async def test_a_look_that_began_before_a_hydration_ended_does_not_write_that_it_is_under_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bodies: list[Any] = []

    async def send(_: StatusWriter, __: Record, body: object, *, guarded: bool) -> None:
        bodies.append(body)

    monkeypatch.setattr(StatusWriter, "_send", send)
    nobody = cast(Any, Teller())
    writer = StatusWriter(nobody, nobody, nobody)
    hydrating, done = (
        decode_application(
            msgspec.json.encode(
                {
                    **BODY,
                    "status": {
                        **BODY["status"],
                        "sourceHydrator": {"currentOperation": {"phase": phase, "message": "x"}},
                    },
                }
            )
        )
        for phase in ("Hydrating", "Hydrated")
    )
    record = Record(done, "app")
    seen = msgspec.structs.replace(hydrating.status, health=HealthStatus(status="Degraded"))
    assert await writer.write(record, seen)
    assert [body["status"] for body in bodies] == [{"health": {"status": "Degraded"}}]
