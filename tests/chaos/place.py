"""The suite under test: several of each service, and an edge between each of them and what it depends on."""

import random
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from fairlead.kube.rest import KubeClient
from fairlead.local.git_server import REQUEST, GitServer, Webhook
from fairlead.local.ports import LOOPBACK, choose_port
from fairlead.local.suite import SERVICES, Suite, SuiteConfig
from fairlead.local.suite.identities import Identities
from fairlead.local.suite.secrets import SuiteSecrets
from tests.chaos.edge import Edge
from tests.chaos.effects import Watchers, effect_of_write
from tests.chaos.kube_edge import KubeEdge, kubeconfig_through
from tests.chaos.nats_edge import Archive, NatsEdge
from tests.chaos.post import Post
from tests.chaos.recording import Recording, Write
from tests.chaos.redis_edge import RedisEdge

POLL_SECONDS = 5.0
SECOND_CLUSTER = "second"
STEPWISE = {"ARGOCD_APPLICATIONSET_CONTROLLER_ENABLE_PROGRESSIVE_SYNCS": "true"}
LONGEST_PAUSE = 0.5
"""Seconds before a killed service runs again: kills are what is tried here, not the supervisor."""


Hearing = Callable[[str, bytes], None]
"""Told of a place and of what passes it."""


class EdgedSuite(Suite):
    """A suite each of whose processes reaches NATS, Redis and the cluster through edges of its own."""

    def __init__(self, config: SuiteConfig, recording: Recording, chance: random.Random) -> None:
        super().__init__(config)
        self.recording = recording
        self.watchers = Watchers()
        self.monitor = choose_port()
        self.temporary = config.data_dir / "temporary"
        self.nats_edges: dict[str, NatsEdge] = {}
        self.redis_edges: dict[str, RedisEdge] = {}
        self.kube_edges: dict[str, KubeEdge] = {}
        self._archives = {service: Archive() for service in self.instances.values()}
        self._chance = chance
        self._edges = AsyncExitStack()
        recording.watchers.append(self._tell_of_write)
        self._ears: list[Hearing] = []

    def listen(self, ear: Hearing) -> None:
        """Tell somebody of what passes the edges to NATS and Redis."""
        self._ears.append(ear)

    async def open_edges(self) -> None:
        """Between the servers, which run, and the services, which do not yet."""
        if self.control_plane is None:
            raise RuntimeError("edges need a control plane of the suite's own")
        for instance, service in self.instances.items():
            nats = NatsEdge(
                instance,
                self.nats.port,
                chance=random.Random(self._chance.random()),  # noqa: S311 - repeatable on purpose
                archive=self._archives[service],
                watchers=self.watchers,
                hear=self._hear,
            )
            self.nats_edges[instance] = await self._edges.enter_async_context(nats)
            redis = RedisEdge(instance, self.redis.port, watchers=self.watchers, hear=self._hear)
            self.redis_edges[instance] = await self._edges.enter_async_context(redis)
            self.kube_edges[instance] = await self._kube_edge(instance)
        self.kube_edges[SECOND_CLUSTER] = await self._kube_edge(SECOND_CLUSTER)

    async def stop(self) -> None:
        """Services first, then the edges, then the servers."""
        for service in reversed(self.services.values()):
            await service.stop()
        await self._edges.aclose()
        await super().stop()

    def nats_url_of(self, instance: str) -> str:
        """Through an edge."""
        return f"nats://{LOOPBACK}:{self.nats_edges[instance].port}"

    def redis_url_of(self, instance: str) -> str:
        """Through an edge."""
        return self.redis.url.replace(f":{self.redis.port}/", f":{self.redis_edges[instance].port}/")

    def kubeconfig_of(self, instance: str, identities: Identities) -> Path:
        """Through an edge."""
        original = super().kubeconfig_of(instance, identities)
        beside = original.with_name(f"{instance}-through-an-edge.kubeconfig")
        return kubeconfig_through(self.kube_edges[instance], original, beside)

    def nats_settings(self) -> str:
        """A port on which NATS tells what it holds."""
        return f'http: "{LOOPBACK}:{self.monitor}"\n'

    def _environment(self, instance: str, secrets: SuiteSecrets) -> dict[str, str]:
        """Temporary files in a folder of the run's own, so that what is left there is known."""
        return {**super()._environment(instance, secrets), "TMPDIR": str(self.temporary)}

    def _own_flags(self, instance: str, engine: Path) -> list[str]:
        """The render engine under a name of the run's own, so that one that is left alive is known."""
        named = self.config.data_dir / engine.name
        if not named.is_symlink():
            named.symlink_to(engine)
        return super()._own_flags(instance, named)

    async def prepare_services(self) -> None:
        """What a suite does between its servers and its services."""
        self.temporary.mkdir(exist_ok=True)
        await self.open_edges()

    def _hear(self, place: str, content: bytes) -> None:
        for ear in self._ears:
            ear(place, content)

    async def _tell_of_write(self, write: Write, stage: str) -> None:
        effect = effect_of_write(write)
        if effect is not None:
            await self.watchers.tell(effect, stage)

    async def _kube_edge(self, name: str) -> KubeEdge:
        assert self.control_plane is not None
        layout = self.control_plane.layout
        edge = KubeEdge(name, layout.url, layout.pki, self.recording, chance=self._chance)
        return await self._edges.enter_async_context(edge)


class EdgedGit(GitServer):
    """A Git server that is named by its edge's address, and pushed to directly, whatever fails."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.edge = Edge("git", self.port)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        """Who pushes is not troubled by what is done to those who fetch."""
        asked = REQUEST.fullmatch(request.path)
        if asked is not None and "git-receive-pack" in request.path_qs:
            return await self._serve(request, asked["name"], asked["service"])
        return await super()._handle(request)

    def repo_url(self, name: str) -> str:
        """As Applications and webhooks name it."""
        return f"http://{LOOPBACK}:{self.edge.port}/{name}.git"

    def direct_url(self, name: str) -> str:
        """As whoever pushes reaches it."""
        return f"{self.url}/{name}.git"


class Place:
    """Everything that runs. Use `async with`."""

    def __init__(
        self,
        folder: Path,
        *,
        chance: random.Random,
        replicas: int = 2,
        flags: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        config = SuiteConfig(
            data_dir=folder / "suite",
            port=0,
            insecure=True,
            log_format="json",
            poll_seconds=POLL_SECONDS,
            longest_pause=LONGEST_PAUSE,
            replicas=dict.fromkeys(SERVICES, replicas),
            service_flags=dict(flags or {}),
            service_variables={"applicationset-controller": STEPWISE},
        )
        self.folder = folder
        self.recording = Recording()
        self.suite = EdgedSuite(config, self.recording, chance)
        self.git = EdgedGit(folder / "git")
        self.post = Post(self.suite.watchers)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        try:
            await self._stack.enter_async_context(self.suite)
            await self._stack.enter_async_context(self.git)
            await self._stack.enter_async_context(self.git.edge)
            await self._stack.enter_async_context(self.post)
            self.client = await self._stack.enter_async_context(KubeClient(self.suite.connection))
        except BaseException:
            await self._stack.aclose()
            raise
        self.git.webhooks += [Webhook(url=f"{url}/api/webhook") for url in self.suite.api_urls.values()][:1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()
