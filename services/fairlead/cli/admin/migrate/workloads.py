"""The workloads of a control plane: whose they are, what they do, and how many pods of them there are to be.

Invariant: how many there were stands in an annotation of the workload before its pods go, in the same write;
so whoever is killed in between begins again and finds it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, Final

import msgspec

from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient

REMEMBERED: Final = "fairlead.dev/replicas"
"""Annotation of a workload that was stopped: how many pods it had."""
OURS: Final = "FAIRLEAD_NAMESPACE"
"""Variable that each of our own workloads has, and nobody else's."""
OBSERVES: Final = ("FAIRLEAD_OBSERVE", "FAIRLEAD_OBSERVE_WITHOUT_DRY_RUNS")
POLL: Final = 0.5

ROLES: Final = (
    "applicationset-controller",
    "application-controller",
    "notifications-controller",
    "commit-server",
    "server",
    "repo-server",
)
"""In the order in which they are stopped: who makes Applications, who deploys, then who tells and serves.
They are started the other way round."""
KEPT: Final = ("dex-server", "redis", "redis-ha-server", "redis-ha-haproxy")
"""What is left running: it writes to no cluster, people log in by it, and going back is quick with it."""
_ROLE = re.compile(rf"(?:^|-)({'|'.join((*ROLES, *KEPT))})$")
_VERSION = re.compile(r"v?(\d+)\.(\d+)(?:\.\d+)?")


def _apps(kind: str, plural: str) -> Resource:
    return Resource(group="apps", version="v1", plural=plural, kind=kind, namespaced=True)


RESOURCES: Final = {
    "Deployment": _apps("Deployment", "deployments"),
    "StatefulSet": _apps("StatefulSet", "statefulsets"),
}
PODS: Final = Resource(group="", version="v1", plural="pods", kind="Pod", namespaced=True)
OVER: Final = ("Succeeded", "Failed")
"""Phases of pods that run no more."""
Manifest = dict[str, Any]


class Workload(msgspec.Struct, frozen=True, kw_only=True):
    """One Deployment or StatefulSet. `replicas` are wanted, `pods` there; `remembered` is None unless it was
    stopped by us."""

    kind: str
    namespace: str
    name: str
    role: str
    replicas: int
    pods: int
    ready: int
    remembered: int | None
    is_settled: bool
    manifest: Manifest

    @property
    def title(self) -> str:
        """`Deployment argocd-server`."""
        return f"{self.kind} {self.name}"

    @property
    def containers(self) -> list[Manifest]:
        """Those of its pods, without those that run before."""
        return list(self._pod.get("containers") or ())

    @property
    def image(self) -> str:
        """That of its first container."""
        return str(self.containers[0].get("image", "")) if self.containers else ""

    @property
    def version(self) -> tuple[int, int] | None:
        """Major and minor of its image; None for a tag that is no version."""
        found = _VERSION.fullmatch(self.image.partition("@")[0].rpartition(":")[2])
        return (int(found[1]), int(found[2])) if found else None

    @property
    def variables(self) -> dict[str, str]:
        """The environment of its first container, "" for what comes from elsewhere."""
        given = self.containers[0].get("env") or () if self.containers else ()
        return {str(one["name"]): str(one.get("value") or "") for one in given}

    @property
    def is_ours(self) -> bool:
        """Whether it is Fairlead's."""
        return OURS in self.variables

    @property
    def observes(self) -> bool:
        """Whether it is one of ours that only looks."""
        return any(self.variables.get(name) == "true" for name in OBSERVES)

    @property
    def runs(self) -> bool:
        """Whether it has pods, or is to have any."""
        return bool(self.replicas or self.pods)

    @property
    def selector(self) -> str:
        """What its pods are found by; "" where it chooses them otherwise than by labels alone."""
        chosen = (self.manifest.get("spec") or {}).get("selector") or {}
        labels = chosen.get("matchLabels") or {}
        return "" if chosen.get("matchExpressions") else ",".join(f"{k}={v}" for k, v in labels.items())

    @property
    def _pod(self) -> Mapping[str, Any]:
        template = (self.manifest.get("spec") or {}).get("template") or {}
        return template.get("spec") or {}


async def workloads(client: KubeClient, namespace: str | None) -> list[Workload]:
    """Those of a namespace, or of all, that are parts of a control plane. Raises KubeError."""
    found = [one async for one in _listed(client, namespace)]
    return sorted(found, key=lambda one: (one.namespace, _order(one.role), one.name))


async def _listed(client: KubeClient, namespace: str | None) -> AsyncIterator[Workload]:
    for kind, resource in RESOURCES.items():
        for raw in await client.list_all(resource, namespace):
            workload = workload_of(kind, msgspec.json.decode(raw))
            if workload is not None:
                yield workload


def workload_of(kind: str, manifest: Manifest) -> Workload | None:
    """A workload, or None for one that is no part of a control plane."""
    metadata, spec, status = manifest["metadata"], manifest.get("spec") or {}, manifest.get("status") or {}
    role = _role(metadata)
    if not role:
        return None
    remembered = (metadata.get("annotations") or {}).get(REMEMBERED, "")
    return Workload(
        kind=kind,
        namespace=metadata["namespace"],
        name=metadata["name"],
        role=role,
        replicas=int(spec.get("replicas", 1)),
        pods=int(status.get("replicas") or 0),
        ready=int(status.get("readyReplicas") or 0),
        remembered=int(remembered) if remembered.isdecimal() else None,
        is_settled=int(status.get("observedGeneration") or 0) >= int(metadata.get("generation") or 0),
        manifest=manifest,
    )


def _role(metadata: Mapping[str, Any]) -> str:
    labels = metadata.get("labels") or {}
    if labels.get("app.kubernetes.io/part-of") != "argocd":
        return ""
    for said in (labels.get("app.kubernetes.io/component", ""), labels.get("app.kubernetes.io/name", "")):
        found = _ROLE.search(str(said).removeprefix("argocd-"))
        if found:
            return found[1]
    found = _ROLE.search(str(metadata["name"]))
    return found[1] if found else ""


def _order(role: str) -> int:
    return ROLES.index(role) if role in ROLES else len(ROLES)


def acting(found: Iterable[Workload], *, ours: bool) -> list[Workload]:
    """Those of one side that are stopped and started, in the order of stopping."""
    return [one for one in found if one.is_ours is ours and one.role in ROLES]


async def stop(client: KubeClient, workload: Workload, *, seconds: float) -> None:
    """Have no pods of it, remembering how many there were. Returns when the last has ended: one that is being
    deleted still acts, and is in no status of its Deployment.

    Raises KubeError, and TimeoutError when pods go on after so many seconds.
    """
    if workload.replicas:
        await _scale(client, workload, 0, remember=str(workload.replicas))
    async with asyncio.timeout(seconds):
        while (now := await _again(client, workload)) is not None:
            if now.is_settled and not now.pods and not await _runs_on(client, now):
                return
            await asyncio.sleep(POLL)


async def start(client: KubeClient, workload: Workload, *, seconds: float) -> None:
    """Have as many pods of it as there were; returns when they are ready. Raises KubeError, TimeoutError."""
    if workload.remembered is None:
        return
    await _scale(client, workload, workload.remembered, remember=None)
    async with asyncio.timeout(seconds):
        while (now := await _again(client, workload)) is not None and not (
            now.is_settled and now.ready >= workload.remembered
        ):
            await asyncio.sleep(POLL)


async def _runs_on(client: KubeClient, workload: Workload) -> bool:
    """Whether a pod of it is there that has not ended, also one that is being deleted."""
    if not workload.selector:
        return False
    pods = await client.list_all(PODS, workload.namespace, label_selector=workload.selector)
    phases = [(msgspec.json.decode(raw).get("status") or {}).get("phase") for raw in pods]
    return any(phase not in OVER for phase in phases)


async def _scale(client: KubeClient, workload: Workload, replicas: int, *, remember: str | None) -> None:
    body = {"metadata": {"annotations": {REMEMBERED: remember}}, "spec": {"replicas": replicas}}
    await client.merge_patch(RESOURCES[workload.kind], workload.name, body, workload.namespace)


async def _again(client: KubeClient, workload: Workload) -> Workload | None:
    raw = await client.find(RESOURCES[workload.kind], workload.name, workload.namespace)
    return None if raw is None else workload_of(workload.kind, msgspec.json.decode(raw))
