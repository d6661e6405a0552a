"""A controller against the real control plane, NATS and Redis, in a namespace of its own."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from fairlead.app_controller.config import Config
from fairlead.app_controller.start import connected
from fairlead.app_controller.syncing.asked import outlook_of
from fairlead.app_controller.wiring import Controller
from fairlead.bus import Bus, BusConfig
from fairlead.cache import Cache, CacheConfig
from fairlead.kube.collection import APP_PROJECTS, APPLICATIONS, CONFIG_MAPS, SECRETS
from fairlead.kube.errors import KubeError
from fairlead.kube.head import decode_head
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.local.control_plane import ControlPlane
from fairlead.local.nats_server import NatsServer
from fairlead.local.redis_server import RedisServer
from fairlead.local.suite.install import install_namespace
from fairlead.model.application import AppId, Application
from fairlead.model.decode import decode_application
from fairlead.process import Probes
from fairlead.rpc.waiting import NOTHING_AWAITED, Outlook
from fairlead.secret import Secret
from tests.integration.app_controller.renderer import Document, Renderer
from tests.servers import with_kinds

NAMESPACES = Resource(group="", version="v1", plural="namespaces", kind="Namespace", namespaced=False)
DEPLOYMENTS = Resource(group="apps", version="v1", plural="deployments", kind="Deployment", namespaced=True)
CLUSTER_ROLES = Resource(
    group="rbac.authorization.k8s.io",
    version="v1",
    plural="clusterroles",
    kind="ClusterRole",
    namespaced=False,
)
JOBS = Resource(group="batch", version="v1", plural="jobs", kind="Job", namespaced=True)
EVENTS = Resource(group="", version="v1", plural="events", kind="Event", namespaced=True)
SECRET = "only-for-tests-and-long-enough"
PATIENCE = 90.0
REPO = "https://git.example/team/config.git"
LOCAL = "https://kubernetes.default.svc"

_numbers = itertools.count(1)


class Lab:
    """Everything one test needs. `controller` runs in this process."""

    def __init__(
        self,
        control_plane: ControlPlane,
        nats: NatsServer,
        redis: RedisServer,
        client: KubeClient,
        render_engine: Path | None = None,
    ) -> None:
        number = next(_numbers)
        self.control_plane, self.nats, self.redis, self.client = control_plane, nats, redis, client
        self.namespace = f"ctl-{number}"
        self.workloads = f"work-{number}"
        self.repo = f"https://git.example/team/config-{number}.git"
        self.config = Config(
            namespace=self.namespace,
            kubeconfig=str(control_plane.kubeconfig),
            nats_url=nats.url,
            redis_url=Secret(redis.url),
            cache_secret=Secret(SECRET),
            wave_delay=0.05,
            events_per_second=1000,
            render_engine=render_engine,
        )
        self.renderer: Renderer
        self.controller: Controller | None = None
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Run the controller as a task of this process."""
        started: asyncio.Future[Controller] = asyncio.get_running_loop().create_future()
        self._running = asyncio.create_task(self._serve(started))
        self._running.add_done_callback(lambda task: started.cancel() if not started.done() else None)
        try:
            self.controller = await started
        except asyncio.CancelledError:
            await self._running
            raise

    async def stop(self) -> None:
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running
        self._running = None

    async def _serve(self, started: "asyncio.Future[Controller]") -> None:
        async with connected(self.config, Probes()) as controller:
            started.set_result(controller)
            await controller.run()

    async def create_app(self, name: str = "app", *, namespace: str = "", **spec: Any) -> Application:
        """An Application of the lab's repository; `spec` replaces top-level fields."""
        metadata: dict[str, Any] = {"name": name}
        for field in ("annotations", "finalizers"):
            if field in spec:
                metadata[field] = spec.pop(field)
        body = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": metadata,
            "spec": {
                "project": "default",
                "source": {"repoURL": self.repo, "path": "."},
                "destination": {"server": LOCAL, "namespace": namespace or self.workloads},
                **spec,
            },
        }
        return decode_application(await self.client.create(APPLICATIONS, body, self.namespace))

    async def app(self, name: str = "app") -> Application:
        return decode_application(await self.client.get(APPLICATIONS, name, self.namespace))

    async def patch_app(self, body: dict[str, Any], name: str = "app") -> None:
        await self.client.merge_patch(APPLICATIONS, name, body, self.namespace)

    async def until(
        self, wanted: Callable[[Application], bool], name: str = "app", *, patience: float = PATIENCE
    ) -> Application:
        """The application as soon as `wanted` holds."""
        app = await self.app(name)
        try:
            async with asyncio.timeout(patience):
                while not wanted(app):
                    await asyncio.sleep(0.02)
                    app = await self.app(name)
        except TimeoutError:
            raise AssertionError(f"waited in vain; status: {shown(app)}") from None
        return app

    async def synced(self, name: str = "app", revision: str = "") -> Application:
        return await self.until(
            lambda app: is_synced(app) and (not revision or app.status.sync.revision == revision), name
        )

    async def get(self, resource: Resource, name: str) -> dict[str, Any] | None:
        raw = await self.client.find(resource, name, self.workloads)
        return None if raw is None else msgspec.json.decode(raw)

    async def until_live(
        self,
        resource: Resource,
        name: str,
        wanted: Callable[[dict[str, Any] | None], bool],
    ) -> dict[str, Any] | None:
        found = await self.get(resource, name)
        async with asyncio.timeout(PATIENCE):
            while not wanted(found):
                await asyncio.sleep(0.02)
                found = await self.get(resource, name)
        return found

    def revisions(self, name: str = "app") -> tuple[str, ...]:
        """What the controller believes an application to be at."""
        record = self.controller.book.get(AppId(self.namespace, name)) if self.controller else None
        return record.render.revisions if record is not None and record.render is not None else ()

    def outlook(self, name: str = "app") -> Outlook:
        """What the controller says that an application waits for."""
        record = self.controller.book.get(AppId(self.namespace, name)) if self.controller else None
        return outlook_of(record) if record is not None else NOTHING_AWAITED

    async def eventually(self, holds: Callable[[], bool]) -> None:
        """Wait until it holds."""
        async with asyncio.timeout(PATIENCE):
            while not holds():
                await asyncio.sleep(0.02)

    async def created(self, name: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while await self.client.find(APPLICATIONS, name, self.namespace) is None:
                await asyncio.sleep(0.02)

    async def gone(self, name: str = "app") -> None:
        async with asyncio.timeout(PATIENCE):
            while await self.client.find(APPLICATIONS, name, self.namespace) is not None:
                await asyncio.sleep(0.02)

    async def clean(self) -> None:
        for resource in (APPLICATIONS,):
            for raw in await self.client.list_all(resource, self.namespace):
                name = decode_head(raw).metadata.name
                with contextlib.suppress(KubeError):
                    await self.client.merge_patch(
                        resource, name, {"metadata": {"finalizers": None}}, self.namespace
                    )
                    await self.client.delete(resource, name, self.namespace)


@asynccontextmanager
async def running(
    control_plane: ControlPlane,
    nats: NatsServer,
    redis: RedisServer,
    *,
    render_engine: Path | None = None,
    prepare: Callable[[Lab], Awaitable[None]] | None = None,
) -> AsyncIterator[Lab]:
    """A lab whose controller runs. Who prepares it otherwise brings repo-servers of their own."""
    await with_kinds(control_plane)
    async with KubeClient(from_kubeconfig(control_plane.kubeconfig)) as client:
        lab = Lab(control_plane, nats, redis, client, render_engine)
        await install_namespace(client, lab.namespace)
        settings = {"data": {"installationID": lab.namespace}}
        await client.merge_patch(CONFIG_MAPS, "argocd-cm", settings, lab.namespace)
        for body in (_namespace(lab.workloads),):
            await client.create(NAMESPACES, body)
        with contextlib.suppress(Exception):
            await client.create(APP_PROJECTS, default_project(), lab.namespace)
        if prepare is not None:
            await prepare(lab)
        async with _rendering(lab) if prepare is None else contextlib.nullcontext():
            try:
                await lab.start()
                yield lab
            finally:
                await lab.stop()
                await lab.clean()


@asynccontextmanager
async def _rendering(lab: Lab) -> AsyncIterator[None]:
    bus = await Bus.connect(BusConfig(url=lab.nats.url, service="repo-server", secret=SECRET.encode()))
    cache = Cache(CacheConfig(url=lab.redis.url, secret=SECRET.encode()))
    lab.renderer = Renderer(bus, cache)
    rendering = asyncio.create_task(lab.renderer.run())
    try:
        yield
    finally:
        rendering.cancel()
        await asyncio.gather(rendering, return_exceptions=True)
        await cache.close()
        await bus.close()


def config_map(name: str = "settings", **data: str) -> Document:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def deployment(name: str = "web", replicas: int = 1) -> Document:
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "main", "image": "nginx:1.27"}]},
            },
        },
    }


def hook(name: str, kind: str, command: str = "true", **annotations: str) -> Document:
    """A Job that runs as a hook."""
    marks = {"argocd.argoproj.io/hook": kind, **annotations}
    container = {"name": "main", "image": "busybox", "command": ["sh", "-c", command]}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "annotations": marks},
        "spec": {
            "backoffLimit": 0,
            "template": {"spec": {"restartPolicy": "Never", "containers": [container]}},
        },
    }


def automated(**options: Any) -> dict[str, Any]:
    return {"syncPolicy": {"automated": {"prune": True, "selfHeal": True, **options}}}


def default_project() -> Document:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": "default"},
        "spec": {
            "sourceRepos": ["*"],
            "destinations": [{"namespace": "*", "server": "*"}],
            "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
        },
    }


def is_synced(app: Application) -> bool:
    return (app.status.sync.status, app.status.health.status) == ("Synced", "Healthy") and (
        app.operation is None
    )


def conditions(app: Application) -> dict[str, str]:
    return {item.type: item.message for item in app.status.conditions}


def shown(app: Application) -> str:
    return msgspec.json.format(msgspec.json.encode(app.status), indent=1).decode()


def _namespace(name: str) -> Document:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


__all__ = ["CONFIG_MAPS", "SECRETS", "Document", "Lab", "running"]
