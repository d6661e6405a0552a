"""Says on the Application what keeps its people from hearing of it: an Event, and a line of the log.

Invariant: telling never delays or fails what it tells of, and the same words are told of an application once
in a while only.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import Final

import structlog

from fairlead.kube.errors import KubeError
from fairlead.kube.events import Subject, is_told, record_event
from fairlead.kube.writer import ClusterWriter
from fairlead.notifications.following.applications import Followed

log = structlog.get_logger(__name__)

COMPONENT: Final = "argocd-notifications-controller"
AGAIN: Final = 3600.0
"""Seconds before the same words are told of the same application again."""
MAX_KNOWN: Final = 5000
"""Applications of which it is known what was told."""
MAX_WORDS: Final = 20
"""Different words that are told of one application within that time."""
MAX_PENDING: Final = 500
"""Events that wait to be written; the oldest are dropped beyond."""
PAUSE: Final = 0.1
"""Seconds between two Events."""
PROBLEM, DEAD = "NotificationNotComposed", "NotificationNotDelivered"


class Teller:
    """Events of `reasons` on Applications."""

    def __init__(self, writer: ClusterWriter, *, reasons: str) -> None:
        self._writer = writer
        self._reasons = reasons
        self._told: dict[str, dict[str, float]] = {}
        self._pending: deque[tuple[Subject, str, str]] = deque(maxlen=MAX_PENDING)
        self._rung = asyncio.Event()

    def say(self, app: Followed, reason: str, words: str) -> None:
        """Tell it, unless it was told not long ago."""
        if not self._is_new(app.uid, words):
            return
        log.warning("notifications.problem", app="/".join(app.name), reason=reason, detail=words)
        if is_told(reason, self._reasons):
            subject = Subject(
                api_version="argoproj.io/v1alpha1",
                kind="Application",
                name=app.name[1],
                namespace=app.name[0],
                uid=app.uid,
                resource_version=app.version,
            )
            self._pending.append((subject, reason, words))
            self._rung.set()

    def _is_new(self, uid: str, words: str) -> bool:
        now = time.monotonic()
        known = {text: at for text, at in self._told.pop(uid, {}).items() if now - at < AGAIN}
        is_new = words not in known and len(known) < MAX_WORDS
        if is_new:
            known[words] = now
        if len(self._told) >= MAX_KNOWN:
            del self._told[next(iter(self._told))]
        self._told[uid] = known
        return is_new

    async def run(self) -> None:
        """Write Events, one at a time, until cancelled."""
        while True:
            await self._rung.wait()
            self._rung.clear()
            while self._pending:
                subject, reason, words = self._pending.popleft()
                try:
                    await record_event(
                        self._writer,
                        subject,
                        reason=reason,
                        message=words,
                        type="Warning",
                        component=COMPONENT,
                    )
                except KubeError as error:
                    log.debug("notifications.event.lost", reason=reason, error=error.message[:200])
                await asyncio.sleep(PAUSE)
