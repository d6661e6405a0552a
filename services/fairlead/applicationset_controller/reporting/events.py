"""Kubernetes Events about a set, in the words of contract 4, at a pace that an API server bears.

Invariant: an Event is a courtesy: one that cannot be written costs nothing else, and beyond `MOST_WAITING`
the oldest are left out, and that is said.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final, Literal, NamedTuple, NoReturn

import structlog

from fairlead.kube.errors import KubeError
from fairlead.kube.events import Subject, is_told, record_event
from fairlead.kube.writer import ClusterWriter
from fairlead.model.applicationset import ApplicationSet
from fairlead.model.metadata import API_VERSION

log = structlog.get_logger(__name__)

COMPONENT: Final = "applicationset-controller"
MOST_WAITING: Final = 10_000
PER_SECOND: Final = 25.0


class _Note(NamedTuple):
    subject: Subject
    reason: str
    message: str
    is_warning: bool


class Events:
    """What is to be told, and its telling. `reasons` as ARGOCD_ENABLE_K8S_EVENT has them."""

    def __init__(
        self, writer: ClusterWriter, *, reasons: str = "all", per_second: float = PER_SECOND
    ) -> None:
        self._writer = writer
        self._reasons = reasons
        self._pause = 1 / per_second
        self._waiting: deque[_Note] = deque()
        self._some = asyncio.Event()
        self._left_out = 0

    def note(self, aset: ApplicationSet, reason: str, message: str, *, warning: bool = False) -> None:
        """Tell it soon."""
        if not is_told(reason, self._reasons):
            return
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self._left_out += 1
        metadata = aset.metadata
        subject = Subject(
            api_version=API_VERSION,
            kind="ApplicationSet",
            name=metadata.name,
            namespace=metadata.namespace,
            uid=metadata.uid,
            resource_version=metadata.resource_version,
        )
        self._waiting.append(_Note(subject, reason, message, warning))
        self._some.set()

    async def run(self) -> NoReturn:
        """Tell until cancelled."""
        while True:
            if not self._waiting:
                self._some.clear()
                await self._some.wait()
            await self._tell(self._waiting.popleft())
            await asyncio.sleep(self._pause)

    async def _tell(self, note: _Note) -> None:
        if self._left_out:
            log.warning("application_set.events.left_out", count=self._left_out)
            self._left_out = 0
        kind: Literal["Normal", "Warning"] = "Warning" if note.is_warning else "Normal"
        try:
            await record_event(
                self._writer,
                note.subject,
                reason=note.reason,
                message=note.message,
                type=kind,
                component=COMPONENT,
            )
        except KubeError as error:
            name = f"{note.subject.namespace}/{note.subject.name}"
            log.debug("application_set.event.not_written", set=name, error=error.message[:200])
