"""What the browser's tests look at: one suite with real applications in every state, and who may see them."""

import asyncio
from pathlib import Path
from typing import Any, Protocol, cast
from urllib.parse import quote

import aiohttp
import msgspec

from fairlead.kube.connection import Connection
from fairlead.kube.rest import KubeClient
from fairlead.local.demo.cluster import password_of
from fairlead.local.git_server import GitServer
from fairlead.local.suite import Suite
from fairlead.local.work_repo import WorkRepo
from tests.e2e.world import (
    CONFIG_MAPS,
    CONTROL,
    NAMESPACES,
    SECRETS,
    World,
    config_map,
    health_of,
    is_settled,
    sync_of,
)

MANY = 240
"""ConfigMaps of the application of many objects, beside its Deployments."""
DEPLOYMENTS = 12
_NEVER = "      nodeSelector:\n        there: is-none\n"


def deployment(name: str, *, replicas: int = 1, spec: str = "", pod: str = "") -> str:
    """The manifest of a Deployment; further lines of its spec and of its pods' spec."""
    return (
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\n  labels:\n    app: {name}\n"
        f"spec:\n  replicas: {replicas}\n{spec}  selector:\n    matchLabels:\n      app: {name}\n"
        f"  template:\n    metadata:\n      labels:\n        app: {name}\n    spec:\n{pod}"
        f"      containers:\n      - name: main\n        image: nginx:1.27\n        ports:\n"
        f"        - containerPort: 8080\n"
    )


def service(name: str) -> str:
    """The manifest of a Service of a Deployment of this name."""
    return (
        f"apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\nspec:\n  selector:\n    app: {name}\n"
        "  ports:\n  - port: 80\n    targetPort: 8080\n"
    )


def files() -> dict[str, str | bytes | None]:
    """One repository, an application in each folder."""
    many = "---\n".join(config_map(f"setting-{number:03}", number=str(number)) for number in range(MANY))
    workers = "---\n".join(deployment(f"worker-{number:02}") for number in range(DEPLOYMENTS))
    return {
        "shop/web.yaml": "---\n".join((deployment("web", replicas=2), service("web"))),
        "shop/settings.yaml": config_map("settings", colour="blue", size="10"),
        "rollout/web.yaml": deployment("rollout", spec="  progressDeadlineSeconds: 86400\n", pod=_NEVER),
        "broken/web.yaml": deployment("broken", spec="  progressDeadlineSeconds: 1\n", pod=_NEVER),
        "edited/settings.yaml": config_map("edited", colour="blue", size="10"),
        "edited/web.yaml": deployment("edited"),
        "many/settings.yaml": many,
        "many/workers.yaml": workers,
        "kustomize/base/web.yaml": deployment("kustomized"),
        "kustomize/base/kustomization.yaml": "resources:\n- web.yaml\n",
        "kustomize/kustomization.yaml": "resources:\n- base\nnamePrefix: my-\n",
        "helm/Chart.yaml": "apiVersion: v2\nname: charted\nversion: 1.0.0\n",
        "helm/values.yaml": "replicas: 1\ncolour: blue\n",
        "helm/templates/web.yaml": deployment("charted").replace(
            "replicas: 1", "replicas: {{ .Values.replicas }}"
        ),
        "helm/templates/settings.yaml": config_map("charted", colour="{{ .Values.colour }}"),
    }


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """What a stage was made with."""

    password: str
    namespace_of: dict[str, str]
    platform: str


class Running(Protocol):
    """What is needed of a suite."""

    @property
    def api_url(self) -> str:
        """Where its API is."""

    @property
    def connection(self) -> Connection:
        """To its cluster."""

    @property
    def extensions(self) -> Path:
        """Where its API server looks for scripts of the UI."""


class Stage(World):
    """The world of the end-to-end tests, with the applications below and their names.

    `shop` is Synced and Healthy and heals itself; `rollout` progresses for ever; `broken` is Degraded;
    `edited` is OutOfSync by a hand edit of its ConfigMap; `many` has hundreds of objects; `kustomized` and
    `charted` are as their names say. Tests share them: whoever changes something makes an application of its
    own (`application`, `unique`) from `platform`, or a repository (`repository`).
    """

    platform: WorkRepo
    namespace_of: dict[str, str]
    password: str
    token: str

    def __init__(
        self, suite: Running, git: GitServer, client: KubeClient, folder: Path, *, run: str = ""
    ) -> None:
        super().__init__(cast(Suite, suite), git, client, folder)
        self.namespace_of = {}
        self._run = run
        self._running = suite
        self._work = folder
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())

    @property
    def address(self) -> str:
        """Where the browser finds it."""
        return self.suite.api_url

    @property
    def extensions(self) -> Path:
        """Where scripts for the pages are put."""
        return self._running.extensions

    def unique(self, stem: str) -> str:
        """A name nobody else uses, not even another run on the same suite."""
        return super().unique(f"{stem}-{self._run}" if self._run else stem)

    def prepared(self) -> Prepared:
        """For others that come to it."""
        return Prepared(
            password=self.password, namespace_of=dict(self.namespace_of), platform=self.url(self.platform)
        )

    async def adopt(self, prepared: Prepared) -> None:
        """Take what somebody else prepared."""
        self.password = prepared.password
        self.namespace_of = dict(prepared.namespace_of)
        self.token = await self._log_in()
        self.platform = await WorkRepo.clone(prepared.platform, self._work / Path(prepared.platform).stem)

    async def prepare(self) -> None:
        """Make the applications and return once each is as it is meant to be."""
        raw = await self.client.get(SECRETS, "argocd-initial-admin-secret", CONTROL)
        self.password = password_of(raw)
        self.token = await self._log_in()
        self.platform = await self.repository(files(), stem="platform")
        async with asyncio.TaskGroup() as group:
            for name, automated in (
                ("shop", None),
                ("rollout", None),
                ("broken", None),
                ("edited", {"prune": True}),
                ("many", None),
                ("kustomized", None),
                ("charted", None),
            ):
                group.create_task(self._make(name, automated))
        await self._settle()

    async def _make(self, name: str, automated: dict[str, bool] | None) -> None:
        path = {"kustomized": "kustomize", "charted": "helm"}.get(name, name)
        self.namespace_of[name] = f"{name}-prod"
        manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"{name}-prod"}}
        await self.client.create(NAMESPACES, manifest)
        await self.application(
            self.url(self.platform), f"{name}-prod", path=path, name=name, automated=automated
        )

    async def _settle(self) -> None:
        for name in ("edited", "shop", "kustomized", "charted", "many"):
            await self.settled(name)
        await self.edit("edited", colour="red")
        await self.until_app("edited", lambda app: sync_of(app) == "OutOfSync")
        await self.until_app("rollout", lambda app: health_of(app) == "Progressing")
        await self.until_app("broken", lambda app: health_of(app) == "Degraded")

    async def edit(self, name: str, **data: str) -> None:
        """Edit the ConfigMap of the application's name by hand."""
        await self.client.merge_patch(CONFIG_MAPS, name, {"data": data}, self.namespace_of[name])

    async def own(self, path: str = "shop", **more: Any) -> str:
        """An application of the test's own from a folder of `platform`, in its own namespace, once it is
        settled; its name."""
        namespace = await self.namespace()
        name = await self.application(self.url(self.platform), namespace, path=path, **more)
        self.namespace_of[name] = namespace
        if more.get("automated", True):
            await self.until_app(name, is_settled)
        return name

    async def ask(
        self, verb: str, path: str, body: object = None, *, token: str = "", **query: str
    ) -> tuple[int, Any]:
        """The status and JSON of a call of the API, as admin unless a token says who."""
        headers = {"Authorization": f"Bearer {token or self.token}", "Content-Type": "application/json"}
        data = None if body is None else msgspec.json.encode(body)
        async with self.http.request(
            verb, self.address + path, data=data, headers=headers, params=query
        ) as answer:
            return answer.status, msgspec.json.decode(await answer.read() or b"null")

    async def account(self, *policies: str, stem: str = "person") -> str:
        """The token of a new account with these lines of policy, in which `{name}` is its name."""
        name = self.unique(stem)
        await self.merge_config("argocd-cm", **{f"accounts.{name}": "apiKey, login"})
        lines = "".join(f"{policy.format(name=name)}\n" for policy in policies)
        await self.merge_config("argocd-rbac-cm", **{f"policy.{name}.csv": lines})

        async def made() -> bool:
            self._made = await self.ask(
                "POST", f"/api/v1/account/{name}/token", {"name": name, "expiresIn": 0}
            )
            return self._made[0] == 200

        await self.until(made, f"there is an account {name}")
        token: str = self._made[1]["token"]
        for policy in policies:
            await self._until_allowed(token, policy.format(name=name))
        return token

    async def _until_allowed(self, token: str, policy: str) -> None:
        parts = [part.strip() for part in policy.split(",")]
        if len(parts) < 6 or parts[0] != "p" or parts[5] != "allow":
            return
        asked = [quote(part.replace("*", "x"), safe="") for part in parts[2:5]]
        path = f"/api/v1/account/can-i/{'/'.join(asked)}"

        async def holds() -> bool:
            async with self.http.get(
                self.address + path, headers={"Authorization": f"Bearer {token}"}
            ) as answer:
                return answer.status == 200 and (await answer.json())["value"] == "yes"

        await self.until(holds, f"allowed: {policy}")

    async def merge_config(self, name: str, **data: str | None) -> None:
        """Write keys of a ConfigMap of the control plane; None removes one."""
        await self.client.merge_patch(CONFIG_MAPS, name, {"data": data}, CONTROL)

    async def _log_in(self) -> str:
        body = {"username": "admin", "password": self.password}
        async with self.http.post(f"{self.address}/api/v1/session", json=body) as answer:
            return str((await answer.json())["token"])

    async def close(self) -> None:
        """End the client."""
        await self.http.close()
