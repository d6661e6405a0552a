"""A real API server and NATS, a webhook that notes what it is told, and the service beside them.

Applications are written by the tests themselves: what a controller would write is the input here.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Self

import msgspec
from aiohttp import web

from fairlead.bus import Bus
from fairlead.events import PublicEventType, Trace
from fairlead.events.public import app_event
from fairlead.kube.collection import APP_PROJECTS, APPLICATIONS, CONFIG_MAPS, SECRETS
from fairlead.kube.errors import AlreadyExistsError, NotFoundError
from fairlead.kube.events import EVENTS
from fairlead.kube.rest import KubeClient
from fairlead.local.suite.install import NAMESPACES
from fairlead.notices.configuration import CONFIG_MAP, SECRET
from fairlead.notices.judging.memory import ANNOTATION, read_memory
from fairlead.notifications.config import Config, read_config
from fairlead.notifications.wiring import serve
from fairlead.process import Stop
from fairlead.process.certificates import CERTIFICATES
from fairlead.process.flags import Environment

NAMESPACE = "notices"
PATIENCE = 90.0


class Receiver:
    """A webhook at each path. `on_message` sees a message before it is answered."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, str]] = []
        self.hung: set[str] = set()
        self.failing: dict[str, int] = {}
        self.on_message: Callable[[str], Awaitable[None]] | None = None
        self.url, self.port = "", 0
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._take)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.port, self.url = port, f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    def of(self, text: str) -> list[str]:
        """What was told and says this."""
        return [body for _, body in self.messages if text in body]

    async def _take(self, request: web.Request) -> web.Response:
        path = request.path.strip("/")
        body = await request.text()
        if path in self.hung:
            await asyncio.Event().wait()
        if path in self.failing:
            return web.Response(status=self.failing[path])
        self.messages.append((path, body))
        if self.on_message is not None:
            await self.on_message(body)
        return web.Response(text="thanks")


class Stage:
    """Everything a test needs."""

    def __init__(
        self,
        client: KubeClient,
        *,
        kubeconfig: str,
        nats_url: str,
        binary: Path,
        receiver: Receiver,
        bus: Bus,
        namespace: str = NAMESPACE,
    ) -> None:
        self.client, self.receiver, self.bus, self.namespace = client, receiver, bus, namespace
        self._made = kubeconfig, nats_url, binary
        self.arguments = (
            f"--namespace={NAMESPACE}",
            f"--kubeconfig={kubeconfig}",
            f"--nats-url={nats_url}",
            f"--render-engine={binary}",
            "--networks-opened=127.0.0.0/8",
            "--log-level=warning",
        )
        self._running: asyncio.Task[None] | None = None
        self._stop: Stop | None = None

    async def start(self, **environment: str) -> None:
        """Run the service as a task of this process."""
        assert self._running is None
        config: Config = read_config(self.arguments, Environment(environment))
        self._stop = Stop()
        self._running = asyncio.create_task(serve(config, self._stop))

    async def stop(self) -> None:
        """End it in order."""
        if self._running is not None and self._stop is not None:
            self._stop.set()
            await asyncio.wait({self._running}, timeout=30)
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        self._running = None

    async def process(self) -> asyncio.subprocess.Process:
        """The service as a process of its own."""
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "fairlead.notifications", *self.arguments, env=dict(os.environ)
        )

    async def configure(self, data: Mapping[str, str], secrets: Mapping[str, str] = {}) -> None:
        """Replace the whole configuration."""
        await self._put(CONFIG_MAPS, CONFIG_MAP, {"data": dict(data)})
        await self._put(SECRETS, SECRET, {"stringData": dict(secrets)})

    async def app(self, name: str, annotations: Mapping[str, str], status: Mapping[str, Any] = {}) -> None:
        """An Application as somebody declared it, and its status."""
        body: dict[str, Any] = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": name, "annotations": dict(annotations)},
            "spec": {
                "project": "default",
                "source": {"repoURL": "https://git.example/a.git", "path": "."},
                "destination": {"server": "https://kubernetes.default.svc", "namespace": name},
            },
            "status": dict(status),
        }
        await self.client.create(APPLICATIONS, body, self.namespace)

    async def status(self, name: str, status: Mapping[str, Any]) -> None:
        """What a controller would write."""
        await self.client.merge_patch(APPLICATIONS, name, {"status": dict(status)}, self.namespace)

    async def memory(self, name: str) -> dict[str, int]:
        """What the Application remembers."""
        raw = await self.client.get(APPLICATIONS, name, self.namespace)
        metadata = msgspec.json.decode(raw)["metadata"]
        return read_memory(metadata.get("annotations") or {})

    async def happened(self, name: str, kind: PublicEventType, data: dict[str, object]) -> str:
        """A public event of an application; its id."""
        told = app_event(
            kind,
            service="app-controller",
            namespace=self.namespace,
            name=name,
            trace=Trace.start(),
            data=data,
        )
        await self.bus.tell(told)
        return told.event.id

    async def words_on(self, name: str) -> list[str]:
        """The Events on an Application."""
        found = [msgspec.json.decode(raw) for raw in await self.client.list_all(EVENTS, self.namespace)]
        return [each["message"] for each in found if each["involvedObject"]["name"] == name]

    async def until(self, holds: Callable[[], Any]) -> None:
        """Wait until it holds; it may be asynchronous."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not (await found if asyncio.iscoroutine(found := holds()) else found):
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"waited in vain; told so far: {self.receiver.messages}") from None

    async def remembered(self, name: str, number: int) -> None:
        """Wait until an Application remembers so many messages."""

        async def holds() -> bool:
            return len(await self.memory(name)) == number

        await self.until(holds)

    async def clean(self) -> None:
        """Take away what tests made."""
        for raw in await self.client.list_all(APPLICATIONS, self.namespace):
            name = msgspec.json.decode(raw)["metadata"]["name"]
            with contextlib.suppress(NotFoundError):
                await self.client.delete(APPLICATIONS, name, self.namespace)

    def beside(self, namespace: str) -> Stage:
        """The same in another namespace."""
        kubeconfig, nats_url, binary = self._made
        return Stage(
            self.client,
            kubeconfig=kubeconfig,
            nats_url=nats_url,
            binary=binary,
            receiver=self.receiver,
            bus=self.bus,
            namespace=namespace,
        )

    async def prepare(self) -> None:
        """Make the namespace."""
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}}
        with contextlib.suppress(AlreadyExistsError):
            await self.client.create(NAMESPACES, body)

    async def vouch(self, host: str, certificate: str) -> None:
        """Declare what vouches for a host."""
        await self._put(CONFIG_MAPS, CERTIFICATES, {"data": {host: certificate}})

    async def unconfigure(self) -> None:
        """Take the configuration away."""
        await self.client.delete(CONFIG_MAPS, CONFIG_MAP, self.namespace)
        await self.client.delete(SECRETS, SECRET, self.namespace)

    async def project(self, annotations: Mapping[str, str]) -> None:
        """The project `default`, with annotations."""
        body = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "AppProject",
            "metadata": {"name": "default", "annotations": dict(annotations)},
            "spec": {"sourceRepos": ["*"], "destinations": [{"namespace": "*", "server": "*"}]},
        }
        await self.client.apply(APP_PROJECTS, "default", body, self.namespace, field_manager="tests")

    async def _put(self, resource: Any, name: str, fields: dict[str, Any]) -> None:
        body = {"apiVersion": "v1", "kind": resource.kind, "metadata": {"name": name}, **fields}
        try:
            await self.client.create(resource, body, self.namespace)
        except AlreadyExistsError:
            await self.client.update(resource, name, body, self.namespace)


def succeeded(revision: str, *, fresh: bool = True) -> dict[str, Any]:
    """The status after a sync that succeeded."""
    return {
        "sync": {"status": "Synced", "revision": revision, "comparedTo": COMPARED},
        "health": {"status": "Healthy"},
        "reconciledAt": "2026-01-01T00:00:10Z" if fresh else "2026-01-01T00:00:00Z",
        "operationState": {
            "phase": "Succeeded",
            "startedAt": "2026-01-01T00:00:01Z",
            "finishedAt": "2026-01-01T00:00:05Z",
            "operation": {"sync": {"revision": revision}},
            "syncResult": {"revision": revision, "source": COMPARED["source"]},
        },
    }


COMPARED: dict[str, Any] = {
    "source": {"repoURL": "https://git.example/a.git", "path": "."},
    "destination": {"server": "https://kubernetes.default.svc"},
}
__all__ = ["ANNOTATION", "NAMESPACE", "Receiver", "Stage", "succeeded"]
