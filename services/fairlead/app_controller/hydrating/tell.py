"""Tells of hydrations: public events of each application, and the repo-server that a branch was pushed to.

Invariant: telling never fails a hydration; a push that is not told of is found by the next poll.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import structlog

from fairlead.app_controller.reporting.tell import SERVICE
from fairlead.bus import Bus, BusError
from fairlead.events import Cause, PublicEventType, RevisionCheck, Trace, subjects, trace
from fairlead.events.public import app_event
from fairlead.events.story import HydratedData, HydrationFailedData, Told
from fairlead.matching.repository import identity, without_password
from fairlead.model.application import AppId, Application

log = structlog.get_logger(__name__)


class HydrationTeller:
    """Speaks on the bus."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def pushed(self, apps: Sequence[Application]) -> None:
        """The branch of these applications has moved: it is looked at without waiting for a poll."""
        hydrator = apps[0].spec.source_hydrator
        if hydrator is None:
            return
        repository = identity(hydrator.write_url)
        check = RevisionCheck(
            repository=repository,
            refs=(f"refs/heads/{hydrator.written_branch}",),
            cause=Cause.HYDRATED,
        )
        try:
            await self._bus.publish(subjects.revision_check(repository), check)
        except BusError as error:
            log.warning("hydration.untold", repository=repository, error=str(error))

    async def hydrated(self, apps: Sequence[Application], dry: str, commit: str, *, pushed: bool) -> None:
        """A dry commit is hydrated."""
        for app in apps:
            hydrator = app.spec.source_hydrator
            if hydrator is not None:
                data = HydratedData(
                    dry_sha=dry,
                    hydrated_sha=commit,
                    repo_url=without_password(hydrator.write_url),
                    branch=hydrator.written_branch,
                    pushed=pushed,
                )
                await self._tell(app, PublicEventType.APP_HYDRATED, data)

    async def failed(self, apps: Sequence[Application], dry: str, words: Mapping[AppId, str]) -> None:
        """A hydration failed, as it did not before."""
        for app in apps:
            data = HydrationFailedData(dry_sha=dry, message=words[app.id])
            await self._tell(app, PublicEventType.APP_HYDRATION_FAILED, data)

    async def _tell(self, app: Application, kind: PublicEventType, data: Told) -> None:
        publication = app_event(
            kind,
            service=SERVICE,
            namespace=app.metadata.namespace,
            name=app.metadata.name,
            trace=trace.followed() or Trace.start(),
            data=data,
        )
        try:
            await self._bus.tell(publication)
        except BusError as error:
            log.warning("hydration.untold", app=app.id.qualified, error=str(error))
