"""Kubernetes Events about what people did through the API (contract 2.2).

The invariant: an Event is a courtesy; nothing waits for it, and losing one harms nothing.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
import structlog

from fairlead.api_server.kinds import EVENTS
from fairlead.kube.errors import KubeError
from fairlead.kube.events import copied, event_name, is_told, shortened
from fairlead.kube.rest import KubeClient
from fairlead.model.metadata import API_VERSION

log = structlog.get_logger(__name__)

WAITING = 1000
"""Events that may wait to be written; more are dropped."""
COMPONENT = "argocd-server"


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What an Event is about."""

    kind: str
    name: str
    namespace: str
    uid: str = ""
    resource_version: str = ""
    annotations: dict[str, str] = {}
    labels: dict[str, str] = {}


class Recorder:
    """Writes Events one after another, in the background: of these reasons, with those labels of their
    subject that match the first of `globs` and none of the second."""

    def __init__(
        self,
        client: KubeClient,
        *,
        reasons: str = "all",
        globs: Callable[[], tuple[tuple[str, ...], tuple[str, ...]]] = lambda: ((), ()),
    ) -> None:
        self._client = client
        self._reasons = reasons
        self._globs = globs
        self._queue: asyncio.Queue[dict[str, object]] = asyncio.Queue(WAITING)

    def record(self, subject: Subject, reason: str, *, user: str, action: str) -> None:
        """Remember to write `<user> <action>` about a subject."""
        if not is_told(reason, self._reasons):
            return
        subject = msgspec.structs.replace(subject, labels=copied(subject.labels, *self._globs()))
        message = shortened(f"{user or 'Unknown user'} {action}")
        try:
            self._queue.put_nowait(_event(subject, reason, user, message))
        except asyncio.QueueFull:
            log.warning("api.event.dropped", reason=reason, name=subject.name)

    async def run(self) -> None:
        """Write what was recorded, until cancelled."""
        while True:
            event = await self._queue.get()
            try:
                await self._client.create(EVENTS, event, str(event["involvedObject"]["namespace"]))  # type: ignore[index]
            except KubeError as error:
                log.warning("api.event.lost", reason=event["reason"], error=error.message[:200])


def _event(subject: Subject, reason: str, user: str, message: str) -> dict[str, object]:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": event_name(subject.name, time.time_ns()),
            "namespace": subject.namespace,
            "labels": subject.labels,
            "annotations": {"user": user, **subject.annotations},
        },
        "involvedObject": {
            "apiVersion": API_VERSION,
            "kind": subject.kind,
            "name": subject.name,
            "namespace": subject.namespace,
            "uid": subject.uid,
            "resourceVersion": subject.resource_version,
        },
        "reason": reason,
        "message": message,
        "type": "Normal",
        "count": 1,
        "firstTimestamp": now,
        "lastTimestamp": now,
        "source": {"component": COMPONENT},
        "reportingComponent": COMPONENT,
        "reportingInstance": "",
    }
