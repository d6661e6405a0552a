"""What an end-to-end test does to a running suite, and what it sees of it: Git, the cluster, Applications."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.local.git_server import GitServer
from fairlead.local.suite import Suite
from fairlead.local.work_repo import WorkRepo

CONTROL = "argocd"
IN_CLUSTER = "https://kubernetes.default.svc"
PATIENCE = 120.0
"""Seconds within which everything asked for must come true; far above what it takes."""


def _resource(group: str, version: str, kind: str, plural: str, *, namespaced: bool = True) -> Resource:
    return Resource(group=group, version=version, plural=plural, kind=kind, namespaced=namespaced)


APPLICATIONS = _resource("argoproj.io", "v1alpha1", "Application", "applications")
CONFIG_MAPS = _resource("", "v1", "ConfigMap", "configmaps")
SECRETS = _resource("", "v1", "Secret", "secrets")
NAMESPACES = _resource("", "v1", "Namespace", "namespaces", namespaced=False)
DEPLOYMENTS = _resource("apps", "v1", "Deployment", "deployments")

Object = dict[str, Any]


def config_map(name: str, **data: str) -> str:
    """The manifest of a ConfigMap."""
    lines = "".join(f"  {key!r}: {value!r}\n" for key, value in data.items()) or "  {}\n"
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n{lines}"


def condition_texts(app: Object) -> list[str]:
    """`type: message` of each condition."""
    found = app.get("status", {}).get("conditions") or ()
    return [f"{item['type']}: {item['message']}" for item in found]


def sync_of(app: Object) -> str:
    """The sync status, "" before the first comparison."""
    return str(app.get("status", {}).get("sync", {}).get("status", ""))


def health_of(app: Object) -> str:
    """The health, "" before the first assessment."""
    return str(app.get("status", {}).get("health", {}).get("status", ""))


def is_settled(app: Object, revision: str = "") -> bool:
    """Whether the application is Synced and Healthy, at this commit when one is given, and idle."""
    at = app.get("status", {}).get("sync", {}).get("revision", "")
    idle = not app.get("operation")
    return sync_of(app) == "Synced" and health_of(app) == "Healthy" and idle and revision in {"", at}


class World:
    """One suite with a Git server; names are unique, so tests share it."""

    def __init__(self, suite: Suite, git: GitServer, client: KubeClient, folder: Path) -> None:
        self.suite = suite
        self.git = git
        self.client = client
        self._folder = folder
        self._numbers = itertools.count(1)

    def unique(self, stem: str) -> str:
        """A name nobody else uses."""
        return f"{stem}-{next(self._numbers)}"

    async def repository(
        self, files: Mapping[str, str | bytes | None] | None = None, *, stem: str = "repo"
    ) -> WorkRepo:
        """A new repository, with a first commit of `files` when given."""
        name = self.unique(stem)
        repo = await WorkRepo.clone(await self.git.create(name), self._folder / name)
        if files:
            await repo.publish(files, "first")
        return repo

    def url(self, repo: WorkRepo) -> str:
        """The address of a repository made here."""
        return self.git.repo_url(repo.folder.name)

    async def namespace(self) -> str:
        """A new namespace."""
        name = self.unique("ns")
        await self.client.create(
            NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        )
        return name

    async def application(
        self,
        repo_url: str,
        namespace: str,
        *,
        path: str = "app",
        name: str = "",
        automated: Mapping[str, bool] | None = None,
        finalizer: bool = False,
        **spec: Any,
    ) -> str:
        """Create an Application, by default with automated sync, prune and self-heal; its name."""
        name = name or self.unique("app")
        policy = {"prune": True, "selfHeal": True} if automated is None else dict(automated)
        body: Object = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": name, "namespace": CONTROL},
            "spec": {
                "project": "default",
                "source": {"repoURL": repo_url, "path": path, "targetRevision": "main"},
                "destination": {"server": IN_CLUSTER, "namespace": namespace},
                "syncPolicy": {"automated": policy} if policy else {},
                **spec,
            },
        }
        if finalizer:
            body["metadata"]["finalizers"] = ["resources-finalizer.argocd.argoproj.io"]
        await self.client.create(APPLICATIONS, body, CONTROL)
        return name

    async def app(self, name: str) -> Object:
        """The Application as it is now; {} when it is gone."""
        return await self.get(APPLICATIONS, name, CONTROL) or {}

    async def get(self, resource: Resource, name: str, namespace: str) -> Object | None:
        """An object of the cluster, or None."""
        found = await self.client.find(resource, name, namespace)
        return None if found is None else msgspec.json.decode(found, type=Object)

    async def data(self, namespace: str, name: str) -> dict[str, str] | None:
        """The data of a ConfigMap, or None when there is none."""
        found = await self.get(CONFIG_MAPS, name, namespace)
        return None if found is None else dict(found.get("data") or {})

    async def patch_app(self, name: str, patch: Object) -> None:
        """Merge-patch an Application."""
        await self.client.merge_patch(APPLICATIONS, name, patch, CONTROL)

    async def refresh(self, name: str, kind: str = "normal") -> None:
        """Ask for a refresh as people do, and wait until it is done."""
        annotation = "argocd.argoproj.io/refresh"
        await self.patch_app(name, {"metadata": {"annotations": {annotation: kind}}})
        await self.until_app(name, lambda app: annotation not in (app["metadata"].get("annotations") or {}))

    async def until(self, holds: Callable[[], Awaitable[bool]], claim: str) -> None:
        """Wait until something is true."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not await holds():
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"not true after {PATIENCE:.0f} s: {claim}") from None

    async def until_app(self, name: str, holds: Callable[[Object], bool]) -> Object:
        """Wait until something is true of an Application; it then."""
        app: Object = {}
        try:
            async with asyncio.timeout(PATIENCE):
                while not holds(app := await self.app(name)):
                    await asyncio.sleep(0.05)
        except TimeoutError:
            state = msgspec.json.encode(app.get("status")).decode()
            raise AssertionError(f"{name} after {PATIENCE:.0f} s: {state}") from None
        return app

    async def settled(self, name: str, revision: str = "") -> Object:
        """Wait until an Application is Synced and Healthy."""
        return await self.until_app(name, lambda app: is_settled(app, revision))

    async def with_condition(self, name: str, *words: str) -> Object:
        """Wait until one condition holds all these words."""

        def has(app: Object) -> bool:
            return any(all(word in text for word in words) for text in condition_texts(app))

        return await self.until_app(name, has)

    async def until_data(self, namespace: str, name: str, wanted: Mapping[str, str] | None) -> None:
        """Wait until a ConfigMap has exactly this data, or is gone for None."""

        async def holds() -> bool:
            return await self.data(namespace, name) == wanted

        await self.until(holds, f"ConfigMap {namespace}/{name} is {wanted}")
