"""The pods of one namespace: every Deployment's and StatefulSet's template, run here."""

import asyncio
import ssl
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.local.ports import choose_port
from fairlead.local.suite.identities import issue_identity
from tests.kubelet.images import programs
from tests.kubelet.pod import Pod, PodError
from tests.kubelet.rewrite import Endpoint, Rewriter
from tests.kubelet.volumes import Sources

READY_SECONDS = 240.0
"""Far above what it takes on a quiet machine."""

WORKLOADS = (
    Resource(group="apps", version="v1", plural="deployments", kind="Deployment", namespaced=True),
    Resource(group="apps", version="v1", plural="statefulsets", kind="StatefulSet", namespaced=True),
)
SERVICES = Resource(group="", version="v1", plural="services", kind="Service", namespaced=True)

Object = dict[str, Any]


class Kubelet:
    """Runs what the API server holds. Use `async with`; `update` does what a rollout does."""

    def __init__(self, client: KubeClient, namespace: str, folder: Path) -> None:
        self.namespace = namespace
        self.pods: dict[str, Pod] = {}
        self._client = client
        self._folder = folder
        self._templates: dict[str, Object] = {}
        self._services: dict[Endpoint, int] = {}
        self._ports: dict[str, dict[int, int]] = {}

    async def __aenter__(self) -> Self:
        self._path = await asyncio.to_thread(programs, self.programs)
        await self.update()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def programs(self) -> Path:
        """The folder with what the images hold."""
        return self._folder / "bin"

    def logs(self) -> str:
        """The ends of all logs."""
        return "\n".join(pod.logs() for pod in self.pods.values())

    async def authority(self, secret: str) -> ssl.SSLContext:
        """What a client trusts that has the `ca.crt` of a Secret."""
        entries = await Sources(self._client, self.namespace).secret(secret)
        return ssl.create_default_context(cadata=entries["ca.crt"].decode())

    async def update(self) -> list[str]:
        """Start pods that are new or of another template, stop those that are gone; names of the started."""
        wanted = await self._wanted()
        await self._find_services(wanted)
        changed = [name for name in wanted if wanted[name] != self._templates.get(name)]
        for name in [name for name in self.pods if name not in wanted or name in changed]:
            await self.pods.pop(name).stop()
        self._templates = wanted
        for name in changed:
            self.pods[name] = self._pod(name, wanted[name]["spec"])
            self.pods[name].start()
        return changed

    async def until_ready(self) -> None:
        """Return when every pod is ready; raises PodError, with logs, for one that is not."""
        waiting = ""
        try:
            async with asyncio.timeout(READY_SECONDS):
                for name, pod in self.pods.items():
                    waiting = name
                    await pod.until_ready()
        except TimeoutError:
            raise PodError(f"{waiting} is not ready\n{self.logs()}") from None

    async def stop(self) -> None:
        """Stop all pods, as a removed release does: at once."""
        results = await asyncio.gather(*(pod.stop() for pod in self.pods.values()), return_exceptions=True)
        self.pods.clear()
        for result in results:
            if isinstance(result, BaseException):
                raise result

    def port(self, service: str, number: int) -> int:
        """Where a port of a Service is on this machine."""
        return self._services[service, number]

    def restarts(self) -> dict[str, int]:
        """Containers that ended by themselves, by pod."""
        return {name: pod.restarts for name, pod in self.pods.items() if pod.restarts}

    async def _wanted(self) -> dict[str, Object]:
        listed = [item for resource in WORKLOADS for item in await self._list(resource)]
        return {item["metadata"]["name"]: item["spec"]["template"] for item in listed}

    async def _find_services(self, templates: Mapping[str, Object]) -> None:
        for service in await self._list(SERVICES):
            for name, template in templates.items():
                labels = template["metadata"]["labels"]
                if not service["spec"].get("selector", {"": ""}).items() <= labels.items():
                    continue
                ports = self._container_ports(name, template["spec"])
                for entry in service["spec"]["ports"]:
                    number = _named(template["spec"], entry["targetPort"])
                    self._services[service["metadata"]["name"], entry["port"]] = ports[number]

    def _container_ports(self, name: str, spec: Object) -> dict[int, int]:
        known = self._ports.setdefault(name, {})
        for container in spec["containers"]:
            for entry in container.get("ports", ()):
                known.setdefault(entry["containerPort"], choose_port())
        return known

    def _pod(self, name: str, spec: Object) -> Pod:
        folder = self._folder / name
        folder.mkdir(parents=True, exist_ok=True)
        return Pod(
            name,
            spec,
            rewriter=Rewriter(
                namespace=self.namespace, services=self._services, ports=self._container_ports(name, spec)
            ),
            folder=folder,
            path=self._path,
            sources=Sources(self._client, self.namespace),
            kubeconfig=self._kubeconfig,
        )

    async def _kubeconfig(self, account: str) -> Path:
        folder = self._folder / "identities"
        folder.mkdir(exist_ok=True)
        await issue_identity(self._client, folder, self.namespace, account, account)
        return folder / f"{account}.kubeconfig"

    async def _list(self, resource: Resource) -> list[Object]:
        return [msgspec.json.decode(item) for item in await self._client.list_all(resource, self.namespace)]


def _named(spec: Object, port: str | int) -> int:
    for container in spec["containers"]:
        for entry in container.get("ports", ()):
            if port in {entry.get("name"), entry["containerPort"]}:
                return int(entry["containerPort"])
    raise PodError(f"no container port {port}")
