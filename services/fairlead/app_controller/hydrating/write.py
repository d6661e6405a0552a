"""Writes status.sourceHydrator, whole, and takes off the annotation that was answered by it.

This replica may not be the one that owns an application's cluster: that one writes all else of the status,
and never this. Invariant: nothing is written where nothing differs, to another Application of the name, or
once the branch is another replica's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import msgspec
import structlog

from fairlead.app_controller.following.asked import HYDRATE, HYDRATE_TIMESTAMP, hydration_of
from fairlead.app_controller.following.seen import version_of
from fairlead.kube import write
from fairlead.kube.collection import APPLICATIONS
from fairlead.kube.errors import InvalidError, KubeError, NotFoundError
from fairlead.kube.writer import ClusterWriter
from fairlead.model.application import AppId, Application
from fairlead.model.decode import decode_application
from fairlead.model.status import SourceHydratorStatus

log = structlog.get_logger(__name__)

AT_ONCE = 16
"""Applications that are written at once."""
_STATUS = "/status/sourceHydrator"


class HydrationStatus:
    """`writer` is fenced by the branch; what it wrote is remembered until the watch has said so."""

    def __init__(self, writer: ClusterWriter) -> None:
        self._writer = writer
        self._written: dict[AppId, Application] = {}

    def newest(self, app: Application) -> Application:
        """The application as the watch has it, or as it was when we wrote to it, if that is newer."""
        known = self._written.get(app.id)
        if known is None or known.metadata.uid != app.metadata.uid or version_of(known) <= version_of(app):
            self._written.pop(app.id, None)
            return app
        return known

    def forget(self, app_id: AppId) -> None:
        """The application is gone."""
        self._written.pop(app_id, None)

    async def write(self, wanted: Iterable[tuple[Application, SourceHydratorStatus]]) -> bool:
        """Write what differs. Whether all of it is written; what could not be is logged."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(app: Application, status: SourceHydratorStatus) -> bool:
            async with gate:
                try:
                    await self._put(app, status)
                except NotFoundError:
                    return True
                except KubeError as error:
                    log.warning("hydration.unwritten", app=app.id.qualified, error=error.message[:200])
                    return False
            return True

        changed = [pair for pair in wanted if pair[1] != pair[0].status.source_hydrator]
        return all(await asyncio.gather(*(one(app, status) for app, status in changed)))

    async def clear_request(self, app: Application) -> None:
        """Take off the annotation that asked, unless somebody asked again since."""
        asked = hydration_of(app)
        if asked is None:
            return
        value, timestamp = asked
        operations = [_is(app), _test(HYDRATE, value), _removed(HYDRATE)]
        if timestamp:
            operations += [_test(HYDRATE_TIMESTAMP, timestamp), _removed(HYDRATE_TIMESTAMP)]
        try:
            await self._sent(app, operations)
        except KubeError as error:
            log.info("hydration.asked_again", app=app.id.qualified, error=error.message[:200])

    async def _put(self, app: Application, status: SourceHydratorStatus) -> None:
        operations = [_is(app), {"op": "add", "path": _STATUS, "value": msgspec.to_builtins(status)}]
        try:
            await self._sent(app, operations)
        except InvalidError:
            if self.newest(app).status.source_hydrator != SourceHydratorStatus():
                raise
            await self._begin_status(app)
            await self._sent(app, operations)

    async def _begin_status(self, app: Application) -> None:
        """An Application that nobody has looked at yet has no status that could be added to."""
        body = {"metadata": {"uid": app.metadata.uid}, "status": {"sourceHydrator": {}}}
        name, namespace = app.metadata.name, app.metadata.namespace
        await write.merge_patch(self._writer, APPLICATIONS, name, msgspec.json.encode(body), namespace)

    async def _sent(self, app: Application, operations: list[dict[str, object]]) -> None:
        name, namespace = app.metadata.name, app.metadata.namespace
        raw = await write.json_patch(self._writer, APPLICATIONS, name, operations, namespace)
        self._written[app.id] = decode_application(raw)


def _is(app: Application) -> dict[str, object]:
    return {"op": "test", "path": "/metadata/uid", "value": app.metadata.uid}


def _test(annotation: str, value: str) -> dict[str, object]:
    return {"op": "test", "path": _pointer(annotation), "value": value}


def _removed(annotation: str) -> dict[str, object]:
    return {"op": "remove", "path": _pointer(annotation)}


def _pointer(annotation: str) -> str:
    return f"/metadata/annotations/{annotation.replace('~', '~0').replace('/', '~1')}"
