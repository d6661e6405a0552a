"""Puts the applicationset-controller together and runs it; the only place where its parts meet.

Invariant: a part that fails is started again by itself, and a restart of the process rebuilds everything from
the sets, their Applications and what their generators find. Nothing is generated before all of that was read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import AsyncExitStack, aclosing
from functools import partial
from typing import Final

import structlog

from fairlead.applicationset_controller import measuring
from fairlead.applicationset_controller.answering.answers import Answers
from fairlead.applicationset_controller.config import SERVICE, Config
from fairlead.applicationset_controller.counts import requested
from fairlead.applicationset_controller.drawing import Draftsman, Drawing, Generate
from fairlead.applicationset_controller.following.children import Children
from fairlead.applicationset_controller.following.clusters import LOCAL, Clusters
from fairlead.applicationset_controller.following.commits import Commits
from fairlead.applicationset_controller.following.concerns import Concerns
from fairlead.applicationset_controller.following.projects import Projects
from fairlead.applicationset_controller.following.sets import KnownSet, Sets
from fairlead.applicationset_controller.following.settings import Settings
from fairlead.applicationset_controller.generating.generate import Generated, generate
from fairlead.applicationset_controller.generating.hosts.hosts import Hosts
from fairlead.applicationset_controller.generating.repositories import RepositoryAnswers
from fairlead.applicationset_controller.generating.sources import ClusterFacts
from fairlead.applicationset_controller.hearing.webhook import Webhook, served
from fairlead.applicationset_controller.leaving import Leaving
from fairlead.applicationset_controller.measuring import Scrape
from fairlead.applicationset_controller.objects import Objects
from fairlead.applicationset_controller.reconcile import Reconciler
from fairlead.applicationset_controller.reporting.events import Events
from fairlead.applicationset_controller.rolling import measuring as rolling
from fairlead.applicationset_controller.work import Work
from fairlead.applicationset_controller.world import World
from fairlead.applicationset_controller.writers import Writers, lease_key
from fairlead.bus import Bus
from fairlead.kube.collection import Collection, Name
from fairlead.kube.rest import KubeClient
from fairlead.kube.sent import told
from fairlead.model.applicationset import ApplicationSet
from fairlead.outbound import Outbound
from fairlead.process import Probes, Stop, secrecy, serve_probes
from fairlead.process.membership import CALM, Membership
from fairlead.process.parts import Part, run_parts
from fairlead.render import Scripts
from fairlead.render.jq import Jq
from fairlead.settings.application_sets import ApplicationSetParameters, application_set_parameters
from fairlead.settings.at_start import parameters_at_start, tell_problems

log = structlog.get_logger(__name__)

JQ_SECONDS: Final = 1.0
"""For each jq expression and Application."""


async def serve(config: Config, stop: Stop) -> None:
    """Run until `stop`."""
    secrecy.hide()
    probes = Probes()
    async with AsyncExitStack() as stack:
        stack.enter_context(told(requested))
        await stack.enter_async_context(
            serve_probes(probes, address=config.probe_address, port=config.probe_port)
        )
        bus = await Bus.connect(config.bus(SERVICE))
        stack.push_async_callback(bus.close)
        client = await stack.enter_async_context(KubeClient(config.connection()))
        data = await parameters_at_start(client, config.namespace)
        parameters = application_set_parameters(data, config.environment)
        tell_problems(parameters.problems)
        controller = SetController(config, client, bus, parameters=parameters, probes=probes)
        stack.push_async_callback(controller.aclose)
        await run_parts(controller.parts(), stop)


class SetController:
    """The parts, joined. `generate` stands in for the generators where it is given."""

    def __init__(
        self,
        config: Config,
        client: KubeClient,
        bus: Bus,
        *,
        parameters: ApplicationSetParameters,
        probes: Probes,
        generate: Generate | None = None,
    ) -> None:
        self.config = config
        self.parameters = parameters
        self._client = client
        self._generate = generate
        self.membership = Membership(
            client.urgent(), config.namespace, SERVICE, on_change=self._shared, calm=CALM
        )
        self.concerns = Concerns()
        self._bus = bus
        self._follow(client, bus)
        self._scripts = Scripts(config.render_engine)
        self._http = Outbound(config.networks, proxies=config.proxies)
        self._hosts = Hosts.of(
            parameters,
            namespace=config.namespace,
            networks=config.networks,
            proxies=config.proxies,
            environment=config.environment,
        )
        self._jq = Jq(JQ_SECONDS)
        self._world = World(
            config.namespace,
            clusters=self.clusters,
            projects=self.projects,
            objects=Objects(client),
            repositories=RepositoryAnswers(
                bus, globstar=parameters.new_git_file_globbing, submodules=parameters.submodules
            ),
            http=self._http,
            hosts=self._hosts,
        )
        writers = Writers(client, self.membership)
        self._events = Events(writers.events(), reasons=config.event_reasons)
        self._draftsman = Draftsman(
            generate or self._generated,
            children=self.children,
            clusters=self.clusters,
            projects=self.projects,
            parameters=parameters,
            jq=self._jq,
        )
        leaving = Leaving(
            self._draftsman,
            client=client,
            writers=writers,
            sets=self.sets,
            children=self.children,
            clusters=self.clusters,
            events=self._events,
            jq=self._jq,
            is_dry=parameters.dry_run,
        )
        reconciler = Reconciler(
            self._draftsman,
            client=client,
            writers=writers,
            sets=self.sets,
            children=self.children,
            clusters=self.clusters,
            concerns=self.concerns,
            leaving=leaving,
            events=self._events,
            jq=self._jq,
            parameters=parameters,
        )
        self.work = Work(
            self.sets, reconciler, owns=self.owns, is_stepwise=self._is_stepwise, took=measuring.took
        )
        probes.metrics.add(Scrape(self.sets, self.children, self.owns).written, self._hosts.written)
        probes.add("nats", lambda: bus.is_connected)
        probes.add("lease", lambda: self.membership.is_valid)
        probes.add("sets", lambda: self.sets.collection.is_synced)

    def owns(self, key: Name) -> bool:
        """Whether a set is this replica's."""
        return self.membership.owns(lease_key(key))

    def parts(self) -> dict[str, Part]:
        """What runs side by side."""
        return {
            "membership": self.membership.run,
            "settings": self.settings.run,
            "projects": self.projects.run,
            "clusters": self.clusters.run,
            "applications": self.children.run,
            "sets": self.sets.run,
            "commits": self._commits.run,
            "events": self._events.run,
            "work": self._run,
            **({"webhooks": self._hear} if self.config.webhook_port else {}),
            "answers": self._answer,
        }

    async def aclose(self) -> None:
        """End what scripts and hosts were asked with."""
        await self._scripts.aclose()
        await self._jq.aclose()
        await self._http.close()
        await self._hosts.close()

    def _follow(self, client: KubeClient, bus: Bus) -> None:
        """What is watched, and whom it wakes."""
        namespace, parameters, concerns = self.config.namespace, self.parameters, self.concerns
        self.sets = Sets(
            client,
            namespace,
            namespaces=parameters.namespaces,
            on_change=self._ask,
            on_gone=self._set_gone,
        )
        self.children = Children(
            client,
            None if parameters.namespaces else namespace,
            on_change=self._ask,
            on_status=self._fares,
            on_name=lambda name: self._wake(concerns.of_name(name)),
        )
        self.settings = Settings(
            client,
            namespace,
            verifies_signatures=self.config.verifies_signatures,
            on_change=lambda: self._cluster_changed(LOCAL, LOCAL),
        )
        self.clusters = Clusters(client, namespace, self.settings, on_change=self._cluster_changed)
        self.projects = Projects(
            client,
            namespace,
            self.settings,
            on_change=lambda name: self._wake(concerns.of_project(name)),
        )
        self._commits = Commits(bus, lambda token, refs: self._wake(concerns.of_repository(token, refs)))

    async def _hear(self) -> None:
        """Serve webhooks, whoever leads: what they ask for is written on the sets."""
        config, workers = self.config, self.parameters.webhook_parallelism
        webhook = Webhook(self._client, config.namespace, self._readable, workers=workers)
        await self.sets.collection.wait_synced()
        async with served(webhook, address=config.webhook_address, port=config.webhook_port):
            await asyncio.Event().wait()

    def _readable(self) -> Iterator[ApplicationSet]:
        return (known.set for known in self.sets if not known.unreadable)

    async def _run(self) -> None:
        for collection in self._collections():
            await collection.wait_synced()
        await self.membership.joined()
        log.info("sets.started", sets=len(self.sets), member=self.membership.id)
        self.work.share()
        await self.work.run(self.parameters.concurrent_reconciliations)

    async def _answer(self) -> None:
        for collection in self._collections():
            await collection.wait_synced()
        await Answers(self._bus, self.sets, self._drawn_apart).run()

    async def _drawn_apart(self, aset: ApplicationSet) -> Drawing:
        """What somebody asks for, with an engine of its own: a template without end costs no set anything."""
        async with aclosing(Scripts(self.config.render_engine)) as scripts:
            generates = self._generate or partial(self._generated, scripts=scripts)
            return await self._draftsman.draw(aset, generates)

    def _collections(self) -> tuple[Collection, ...]:
        followed = (self.settings, self.projects, self.clusters, self.children, self.sets)
        return tuple(it.collection for it in followed)

    async def _generated(self, aset: ApplicationSet, scripts: Scripts | None = None) -> Generated:
        after = self.parameters.requeue_after
        return await generate(aset, self._world, scripts or self._scripts, requeue_after=after)

    def _is_stepwise(self, known: KnownSet) -> bool:
        return self._draftsman.rolls(known.set)

    def _cluster_changed(self, before: ClusterFacts | None, now: ClusterFacts | None) -> None:
        self._wake(self.concerns.of_cluster(before, now))

    def _shared(self) -> None:
        self.work.share()

    def _ask(self, key: Name) -> None:
        self.work.ask(key)

    def _fares(self, key: Name) -> None:
        self.work.fares(key)

    def _set_gone(self, key: Name) -> None:
        self.work.forget(key)
        measuring.forget(key)
        self._hosts.forget(*key)
        rolling.forget(key)

    def _wake(self, keys: Iterable[Name]) -> None:
        for key in keys:
            self.work.ask(key)
