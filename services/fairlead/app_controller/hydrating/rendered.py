"""Renders the dry sources of applications at one commit, as they would be rendered to be deployed.

What the cluster serves is taken from what the controller that owns it has wished for the application, so that
no connection to that cluster is needed. Invariant: nothing is done to the manifests after the build, and they
carry no marks: what is decrypted for a cluster never reaches Git.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import msgspec

from fairlead.app_controller.hydrating.commands import commands_of
from fairlead.app_controller.rendering.demands import Demands
from fairlead.bus import Bus, BusError
from fairlead.bus.topology import SOURCES_BUCKET
from fairlead.events import SchemaError, SourcesWanted, subjects
from fairlead.events.envelope import decode, encode
from fairlead.events.wanted_source import repository_source
from fairlead.matching.repository import partition
from fairlead.model.application import Application
from fairlead.model.source import SourceHydrator
from fairlead.rpc import GeneratedManifests, GenerateManifests
from fairlead.rpc.hydration import HydratedPath
from fairlead.rpc.repo import GENERATE, PATIENCE, TIMEOUT

AT_ONCE = 8
"""Applications of one branch that are rendered at once."""


class UnrenderedError(Exception):
    """The dry source of an application gives no manifests. `is_early` says that it was not looked at yet."""

    def __init__(self, words: str, *, is_early: bool = False) -> None:
        super().__init__(words)
        self.is_early = is_early


class DryRenders:
    """Asks repo-servers. `demands` says whose signatures a project demands of a source."""

    def __init__(self, bus: Bus, demands: Demands) -> None:
        self._bus = bus
        self._wishes = bus.key_value(SOURCES_BUCKET)
        self._demands = demands

    async def of(
        self, apps: Iterable[Application], commit: str, *, hard: bool
    ) -> list[HydratedPath | UnrenderedError]:
        """What each is hydrated to at a commit, or why there is nothing. Raises BusUnavailableError."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(app: Application) -> HydratedPath | UnrenderedError:
            async with gate:
                try:
                    return await self._rendered(app, commit, hard=hard)
                except UnrenderedError as error:
                    return error

        return await asyncio.gather(*(one(app) for app in apps))

    async def _rendered(self, app: Application, commit: str, *, hard: bool) -> HydratedPath:
        hydrator = app.spec.source_hydrator
        if hydrator is None:
            raise UnrenderedError("spec.sourceHydrator is gone")
        wish = await self._wish(app, hydrator)
        question = GenerateManifests(wanted=wish, revisions=(commit,), no_cache=hard)
        subject = subjects.rpc_repo(partition(wish.home), GENERATE)
        try:
            raw = await self._bus.request(subject, encode(question), timeout=TIMEOUT, patience=PATIENCE)
            answer = decode(GeneratedManifests, raw)
        except (BusError, SchemaError) as error:
            raise UnrenderedError(f"failed to generate the manifests of the dry source: {error}") from error
        kind = answer.sources[0].source_type if answer.sources else ""
        return HydratedPath(
            path=hydrator.sync_source.path,
            digest=answer.digest,
            home=hydrator.dry_source.repo_url,
            commands=commands_of(app, hydrator.dry_source, kind),
        )

    async def _wish(self, app: Application, hydrator: SourceHydrator) -> SourcesWanted:
        """What the application wants deployed, with the dry source in place of what it deploys."""
        entry = await self._wishes.get(subjects.app_tokens(*app.id))
        if entry is None or entry.value is None:
            raise UnrenderedError("the controller of its cluster has not looked at it yet", is_early=True)
        try:
            known = decode(SourcesWanted, entry.value)
        except SchemaError as error:
            raise UnrenderedError(f"what is wished for it cannot be read: {error}") from error
        source = hydrator.dry_source.rendered_source()
        return msgspec.structs.replace(
            known,
            project=app.spec.project or "default",
            destination_namespace=app.spec.destination.namespace,
            sources=tuple(map(repository_source, (source,), self._demands(app, (source,)))),
            manifest_generate_paths="",
            after_build=None,
        )
