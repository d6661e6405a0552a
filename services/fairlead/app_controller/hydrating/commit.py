"""What is asked of the commit server: where a branch is, and that it holds what was rendered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from fairlead.bus import Bus, BusError, NoResponderError
from fairlead.events import SchemaError, subjects
from fairlead.events.envelope import Event, decode, encode
from fairlead.matching.repository import partition
from fairlead.model.application import DEFAULT_PROJECT, Application
from fairlead.model.source import SourceHydrator
from fairlead.rpc.hydration import (
    HEAD,
    HEAD_TIMEOUT,
    HYDRATE,
    PATIENCE,
    TIMEOUT,
    Authoring,
    DryCommit,
    Hydrate,
    Hydrated,
    HydratedPath,
    WriteBranch,
    WriteBranchHead,
)

Answer = TypeVar("Answer", bound=Event)
NOBODY = "the commit server does not answer; hydrator.enabled needs it to run"


class UncommittedError(Exception):
    """The branch cannot be read or written; the message says why."""


class CommitServer:
    """Asks the commit server. `authoring` says who commits, and in which words, at this moment."""

    def __init__(self, bus: Bus, authoring: Callable[[], Authoring]) -> None:
        self._bus = bus
        self._authoring = authoring

    async def head(self, apps: Sequence[Application]) -> WriteBranchHead:
        """Where the branch of these applications is. Raises UncommittedError."""
        hydrator = _first(apps)
        question = WriteBranch(
            project=apps[0].spec.project or DEFAULT_PROJECT,
            repo_url=hydrator.write_url,
            sync_branch=hydrator.sync_source.target_branch,
            target_branch=hydrator.written_branch,
        )
        return await self._ask(question, WriteBranchHead, HEAD, hydrator.write_url, HEAD_TIMEOUT)

    async def hydrate(
        self,
        apps: Sequence[Application],
        dry: DryCommit,
        paths: Sequence[HydratedPath],
        upon: WriteBranchHead,
    ) -> Hydrated:
        """Have the branch hold all of this, upon what was read of it. Raises UncommittedError."""
        hydrator = _first(apps)
        question = Hydrate(
            project=apps[0].spec.project or DEFAULT_PROJECT,
            repo_url=hydrator.write_url,
            sync_branch=hydrator.sync_source.target_branch,
            target_branch=hydrator.written_branch,
            expected_head=upon.head,
            expected_dry_sha=upon.dry_sha,
            dry=dry,
            paths=tuple(paths),
            authoring=self._authoring(),
        )
        return await self._ask(question, Hydrated, HYDRATE, hydrator.write_url, TIMEOUT)

    async def _ask(
        self, question: Event, answer: type[Answer], verb: str, url: str, seconds: float
    ) -> Answer:
        subject = subjects.rpc_commit(partition(url), verb)
        try:
            raw = await self._bus.request(subject, encode(question), timeout=seconds, patience=PATIENCE)
            return decode(answer, raw)
        except NoResponderError as error:
            raise UncommittedError(NOBODY) from error
        except (BusError, SchemaError) as error:
            raise UncommittedError(str(error)) from error


def _first(apps: Sequence[Application]) -> SourceHydrator:
    hydrator = apps[0].spec.source_hydrator
    if hydrator is None:
        raise UncommittedError(f"application {apps[0].id.qualified} has no spec.sourceHydrator any more")
    return hydrator
