"""The newest commit of a dry source, asked of the repo-server that mirrors it.

Asking makes the revision one of interest there, so that a commit which arrives is announced; an interest ends
by itself, and is renewed whenever a branch is looked at.
"""

from __future__ import annotations

from fairlead.bus import Bus, BusError
from fairlead.events import SchemaError, subjects
from fairlead.events.envelope import decode, encode
from fairlead.matching.hydrator import into_itself, is_written
from fairlead.matching.repository import partition, without_password
from fairlead.model.application import Application
from fairlead.rpc.followed import FOLLOW, TIMEOUT, FollowedRevision, FollowRevision
from fairlead.rpc.hydration import DryCommit
from fairlead.rpc.repo import PATIENCE


class DrySourceError(Exception):
    """The dry source cannot be read; the message says why."""


class DrySources:
    """Asks repo-servers."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def commit(self, app: Application, *, max_age: float) -> DryCommit:
        """What the application's dry source is at, by a look at most `max_age` seconds old; 0 asks for one
        that begins now. Raises DrySourceError.
        """
        hydrator = app.spec.source_hydrator
        if hydrator is None:
            raise DrySourceError(f"application {app.id.qualified} has no spec.sourceHydrator")
        source = hydrator.dry_source
        question = FollowRevision(
            repo_url=source.repo_url,
            project=app.spec.project or "default",
            revision=source.target_revision,
            max_age=max_age,
        )
        subject = subjects.rpc_repo(partition(source.repo_url), FOLLOW)
        try:
            raw = await self._bus.request(subject, encode(question), timeout=TIMEOUT, patience=PATIENCE)
            found = decode(FollowedRevision, raw)
        except (BusError, SchemaError) as error:
            raise DrySourceError(f"Failed to look at the dry source: {error}") from error
        if is_written(hydrator, found.ref):
            raise DrySourceError(into_itself(hydrator))
        return DryCommit(
            repo_url=without_password(source.repo_url),
            sha=found.commit,
            author=found.author,
            date=found.date,
            message=found.message,
        )
