"""A controller of ApplicationSets against the real control plane and NATS, in a namespace of its own."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from fairlead.applicationset_controller.config import SERVICE, Config
from fairlead.applicationset_controller.drawing import Generate
from fairlead.applicationset_controller.wiring import SetController
from fairlead.bus import Bus
from fairlead.kube.collection import APPLICATION_SETS, APPLICATIONS
from fairlead.kube.errors import KubeError
from fairlead.kube.events import EVENTS
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.kube.sent import Sent, told
from fairlead.local.control_plane import ControlPlane
from fairlead.local.nats_server import NatsServer
from fairlead.process import Probes
from fairlead.process.supervise import supervise
from fairlead.settings.application_sets import ApplicationSetParameters
from fairlead.settings.default_project import ensure_default_project

PATIENCE = 90.0
LOCAL = "https://kubernetes.default.svc"
FINALIZER = "resources-finalizer.argocd.argoproj.io"

NAMESPACES = Resource(group="", version="v1", plural="namespaces", kind="Namespace", namespaced=False)

Object = dict[str, Any]
_numbers = itertools.count(1)


class Lab:
    """One namespace, and a controller that may be stopped and begun anew in it."""

    def __init__(self, control_plane: ControlPlane, nats: NatsServer, client: KubeClient) -> None:
        self.client = client
        self.namespace = f"sets-{next(_numbers)}"
        self.config = Config(
            namespace=self.namespace, kubeconfig=str(control_plane.kubeconfig), nats_url=nats.url
        )
        self.sent: list[Sent] = []
        self.controller: SetController | None = None
        self._running: list[asyncio.Task[None]] = []

    async def start(self, *, generate: Generate | None = None, **parameters: Any) -> SetController:
        """Run a controller as a task of this process, beside those that run."""
        ready: asyncio.Future[SetController] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._serve(ApplicationSetParameters(**parameters), generate, ready))
        self._running.append(task)
        await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
        self.controller = await ready
        return self.controller

    async def stop(self, which: int | None = None) -> None:
        """End one of the controllers, or all, as a signal would."""
        ending = self._running if which is None else [self._running[which]]
        self._running = [task for task in self._running if task not in ending]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)

    async def _serve(
        self,
        parameters: ApplicationSetParameters,
        generate: Generate | None,
        ready: asyncio.Future[SetController],
    ) -> None:
        async with contextlib.AsyncExitStack() as stack:
            stack.enter_context(told(self.sent.append))
            bus = await Bus.connect(self.config.bus(SERVICE))
            stack.push_async_callback(bus.close)
            client = await stack.enter_async_context(KubeClient(self.config.connection()))
            controller = SetController(
                self.config, client, bus, parameters=parameters, probes=Probes(), generate=generate
            )
            stack.push_async_callback(controller.aclose)
            ready.set_result(controller)
            async with asyncio.TaskGroup() as group:
                for name, part in controller.parts().items():
                    group.create_task(supervise(name, part))

    async def create_set(self, name: str, body: Object) -> Object:
        """Make a set."""
        obj = {"apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet", "metadata": {"name": name}}
        obj["metadata"] |= body.pop("metadata", {})
        return decoded(await self.client.create(APPLICATION_SETS, {**obj, **body}, self.namespace))

    async def change_set(self, name: str, body: Object) -> None:
        await self.client.merge_patch(APPLICATION_SETS, name, body, self.namespace)

    async def aset(self, name: str) -> Object:
        return decoded(await self.client.get(APPLICATION_SETS, name, self.namespace))

    async def app(self, name: str) -> Object | None:
        raw = await self.client.find(APPLICATIONS, name, self.namespace)
        return None if raw is None else decoded(raw)

    async def apps(self, of: str = "") -> dict[str, Object]:
        """All Applications by name, or those that a set owns."""
        found = [decoded(raw) for raw in await self.client.list_all(APPLICATIONS, self.namespace)]
        return {app["metadata"]["name"]: app for app in found if of in ("", owner_of(app))}

    async def until(
        self, look: Callable[[], Awaitable[Any]], holds: Callable[[Any], bool], *, what: str = ""
    ) -> Any:
        """What `look` sees as soon as it holds."""
        found = None
        try:
            async with asyncio.timeout(PATIENCE):
                while not holds(found := await look()):
                    await asyncio.sleep(0.02)
        except TimeoutError:
            said = await self.sets()
            raise AssertionError(f"waited in vain for {what}; seen: {found}; sets: {said}") from None
        return found

    async def sets(self) -> dict[str, dict[str, str]]:
        """What all sets say of themselves."""
        found = [decoded(raw) for raw in await self.client.list_all(APPLICATION_SETS, self.namespace)]
        return {it["metadata"]["name"]: conditions(it) for it in found}

    async def until_set(self, name: str, holds: Callable[[Object], bool]) -> Object:
        found: Object = await self.until(lambda: self.aset(name), holds, what=name)
        return found

    async def until_up_to_date(self, name: str) -> Object:
        """The set once it says of its present generation that all is well."""
        return await self.until_set(
            name, lambda aset: conditions(aset).get("ResourcesUpToDate", "")[:4] == "True"
        )

    async def until_apps(self, names: set[str], of: str = "") -> dict[str, Object]:
        found: dict[str, Object] = await self.until(
            lambda: self.apps(of), lambda apps: set(apps) == names, what=f"{sorted(names)}"
        )
        return found

    async def events(self, name: str) -> list[tuple[str, str]]:
        """Reasons and messages of the Events about a set."""
        found = [decoded(raw) for raw in await self.client.list_all(EVENTS, self.namespace)]
        return [(it["reason"], it["message"]) for it in found if it["involvedObject"]["name"] == name]

    def writes(self, *, since: int = 0) -> list[str]:
        """What the controller wrote of sets and Applications in this namespace, as `PATCH applications/a`."""
        place = f"/apis/argoproj.io/v1alpha1/namespaces/{self.namespace}/"
        paths = ((sent.method, sent.path.partition("?")[0]) for sent in self.sent[since:])
        return [
            f"{method} {path.removeprefix(place)}"
            for method, path in paths
            if method != "GET" and path.startswith(place)
        ]

    async def clean(self) -> None:
        for resource in (APPLICATION_SETS, APPLICATIONS):
            for raw in await self.client.list_all(resource, self.namespace):
                name = decoded(raw)["metadata"]["name"]
                with contextlib.suppress(KubeError):
                    nothing = {"metadata": {"finalizers": None}}
                    await self.client.merge_patch(resource, name, nothing, self.namespace)
                    await self.client.delete(resource, name, self.namespace)


@asynccontextmanager
async def prepared(control_plane: ControlPlane, nats: NatsServer) -> AsyncIterator[Lab]:
    """A lab whose controller does not run yet; the kinds are installed."""
    async with KubeClient(from_kubeconfig(control_plane.kubeconfig)) as client:
        lab = Lab(control_plane, nats, client)
        await client.create(
            NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": lab.namespace}}
        )
        await ensure_default_project(client, lab.namespace)
        try:
            yield lab
        finally:
            await lab.stop()
            await lab.clean()


def listed(*names: str, **spec: Any) -> Object:
    """The spec of a set with a list generator and one Application for each name."""
    return {
        "spec": {
            "generators": [{"list": {"elements": [{"name": name} for name in names]}}],
            "template": template(),
            **spec,
        }
    }


def template(**metadata: Any) -> Object:
    return {
        "metadata": {"name": "{{name}}", **metadata},
        "spec": {
            "project": "default",
            "source": {"repoURL": "https://git.example/a.git", "path": "apps/{{name}}"},
            "destination": {"server": LOCAL, "namespace": "{{name}}"},
        },
    }


def elements(*names: str) -> Object:
    """A change of a set's list."""
    return {"spec": {"generators": [{"list": {"elements": [{"name": name} for name in names]}}]}}


def decoded(raw: bytes) -> Object:
    found: Object = msgspec.json.decode(raw)
    return found


def owner_of(app: Mapping[str, Any]) -> str:
    return next((it["name"] for it in app["metadata"].get("ownerReferences", ())), "-")


def conditions(aset: Mapping[str, Any]) -> dict[str, str]:
    """`Status Reason: message` by type."""
    found = aset.get("status", {}).get("conditions", ())
    return {it["type"]: f"{it['status']} {it['reason']}: {it['message']}" for it in found}
