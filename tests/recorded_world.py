"""The place that the recordings were made in, made anew: a running suite, and a repository of that content.

The invariant: whoever plays the recordings in their order finds at each what the recorded one found, but for
names of commits, times and identities.
"""

import asyncio
import textwrap
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import msgspec
from yarl import URL

from fairlead.kube.rest import KubeClient
from fairlead.local.git_server import GitServer, Webhook
from fairlead.local.suite import Suite, SuiteConfig
from fairlead.local.work_repo import WorkRepo
from tests.e2e.world import APPLICATIONS, CONFIG_MAPS, CONTROL, SECRETS, sync_of

RECORDED_GIT = "http://127.0.0.1:9100"
"""Where the recordings have their repositories."""
SECOND_COMMIT_BEFORE = 94
"""The recording before which somebody pushed."""
DRIFT_BEFORE = 105
"""The recording before which somebody scaled the Deployment by hand."""
PATIENCE = 240.0
"""Seconds within which an application comes to rest, on a machine with other work on it."""
NAMESPACES = ("team-web", "team-hooked", "team-chart")
"""What the recorded runs have made for them."""
_POLL_SECONDS = 5.0
_DEPLOYMENT = """\
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      labels:
        app: web
    spec:
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec:
          containers:
          - name: web
            image: nginx:1.25
            ports:
            - containerPort: 80
    """
_SERVICE = """\
    apiVersion: v1
    kind: Service
    metadata:
      name: web
    spec:
      selector:
        app: web
      ports:
      - port: 80
    """
_OVERLAY = """\
    resources:
    - ../../base
    replicas:
    - name: web
      count: {replicas}
    """
_HOOK = """\
    apiVersion: batch/v1
    kind: Job
    metadata:
      name: migrate
      annotations:
        argocd.argoproj.io/hook: PreSync
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
          - name: migrate
            image: busybox:1.36
    """
_SETTINGS = """\
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      annotations:
        argocd.argoproj.io/sync-wave: "1"
    data:
      a: "1"
    """
_CREDS = """\
    apiVersion: v1
    kind: Secret
    metadata:
      name: creds
    stringData:
      password: hunter2
    """
_CHART = """\
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: {{ .Values.name }}
    data:
      replicas: {{ .Values.replicas | quote }}
    """


def files(replicas: int = 3) -> dict[str, str]:
    """The repository's files by their path."""
    found = {
        "apps/web/base/deployment.yaml": _DEPLOYMENT,
        "apps/web/base/service.yaml": _SERVICE,
        "apps/web/base/kustomization.yaml": "resources:\n- service.yaml\n- deployment.yaml\n",
        "apps/web/overlays/prod/kustomization.yaml": _OVERLAY.format(replicas=replicas),
        "apps/plain/settings.yaml": _SETTINGS,
        "apps/hooked/job.yaml": _HOOK,
        "apps/hooked/settings.yaml": _SETTINGS,
        "apps/hooked/creds.yaml": _CREDS,
        "apps/chart/Chart.yaml": "apiVersion: v2\nname: chart\nversion: 0.1.0\n",
        "apps/chart/values.yaml": 'name: from-chart\nreplicas: "1"\n',
        "apps/chart/templates/settings.yaml": _CHART,
        "apps/broken/x.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: [}\n",
    }
    return {path: textwrap.dedent(text) for path, text in found.items()}


class RecordedWorld:
    """A suite whose repository is at the first commit until `push_second`."""

    def __init__(self, suite: Suite, git: GitServer, client: KubeClient, repo: WorkRepo) -> None:
        self.suite = suite
        self.client = client
        self.password = ""
        self._git = git
        self._repo = repo

    @property
    def git_url(self) -> str:
        """Where repositories are here, in place of RECORDED_GIT."""
        return self._git.url

    def here(self, text: str) -> str:
        """What a recording says, with the addresses of this place."""
        return text.replace(RECORDED_GIT, self.git_url)

    def there(self, text: str) -> str:
        """The other way."""
        return text.replace(self.git_url, RECORDED_GIT)

    async def push_second(self) -> None:
        """What somebody pushed."""
        await self._repo.publish(files(replicas=4), "four")

    async def before(self, number: int) -> None:
        """What others did before a recorded run."""
        if number == SECOND_COMMIT_BEFORE:
            await self.push_second()
        if number == DRIFT_BEFORE:
            await self.kubectl("-n", "team-web", "scale", "deploy/web", "--replicas=7")
            await self.kubectl("-n", "team-web", "rollout", "status", "deploy/web")
            await self.until("web", lambda app: is_at_rest(app) and sync_of(app) == "OutOfSync")

    async def begin_again(self) -> None:
        """Take away what the recorded runs leave, so that they can run once more."""
        await self._repo.publish(files(), "three")
        headers = {"Authorization": f"Bearer {await self.token()}", "Content-Type": "application/json"}
        url = quote(f"{self.git_url}/config.git", safe="")
        async with aiohttp.ClientSession(self.suite.api_url, headers=headers) as http:
            for path in (
                f"/api/v1/repositories/{url}",
                "/api/v1/certificates?hostNamePattern=example.invalid",
            ):
                async with http.delete(URL(path, encoded=True)) as answer:
                    assert answer.status in (200, 403, 404), await answer.text()
        await self.kubectl("delete", "namespace", "--ignore-not-found", *NAMESPACES)

    async def app(self, name: str) -> dict[str, Any]:
        """An Application; {} when there is none."""
        found = await self.client.find(APPLICATIONS, name, CONTROL)
        return {} if found is None else msgspec.json.decode(found, type=dict[str, Any])

    async def until_at_rest(self, *names: str) -> None:
        """Wait until applications are compared as they are written, and nothing is done to them."""
        for name in names:
            await self.until(name, is_at_rest)

    async def until(self, name: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait until something is true of an Application; it then."""
        found: dict[str, Any] = {}
        try:
            async with asyncio.timeout(PATIENCE):
                while not holds(found := await self.app(name)):
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"{name} does not come to rest: {found}") from None
        return found

    async def kubectl(self, *words: str) -> str:
        """What kubectl says of the cluster."""
        control_plane = self.suite.control_plane
        assert control_plane is not None
        return await control_plane.kubectl(*words)

    async def repository(self, name: str, content: Mapping[str, str]) -> str:
        """Another repository with a first commit; its address."""
        url = await self._git.create(name)
        repo = await WorkRepo.clone(url, self._repo.folder.parent / f"work-{name}")
        await repo.publish(content, "first")
        return url

    async def apply(self, manifest: str) -> None:
        """Let there be an object."""
        file = self._repo.folder.parent / "applied.yaml"
        file.write_text(manifest)
        await self.kubectl("apply", "-f", str(file))

    async def declare_account(self, name: str) -> None:
        """Let there be a local account that may have a password and tokens."""
        change = {"data": {f"accounts.{name}": "apiKey, login"}}
        await self.client.merge_patch(CONFIG_MAPS, "argocd-cm", change, CONTROL)
        url = f"{self.suite.api_url}/api/v1/account/{name}"
        headers = {"Authorization": f"Bearer {await self.token()}"}
        async with asyncio.timeout(PATIENCE), aiohttp.ClientSession(headers=headers) as http:
            while True:
                async with http.get(url) as answer:
                    if answer.status == 200:
                        return
                await asyncio.sleep(0.05)

    async def token(self) -> str:
        """A session of admin."""
        body = {"username": "admin", "password": self.password}
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{self.suite.api_url}/api/v1/session", json=body) as answer,
        ):
            return str((await answer.json())["token"])


def is_at_rest(app: dict[str, Any]) -> bool:
    """Whether an Application is gone, or compared as it is written with nothing going on."""
    if not app:
        return True
    status = app.get("status", {})
    compared = status.get("sync", {}).get("comparedTo", {}).get("source")
    phase = status.get("operationState", {}).get("phase", "")
    return (
        "deletionTimestamp" not in app["metadata"]
        and "operation" not in app
        and phase not in ("Running", "Terminating")
        and compared == app["spec"]["source"]
        and "argocd.argoproj.io/refresh" not in app["metadata"].get("annotations", {})
        and status.get("health", {}).get("status") != "Progressing"
    )


@asynccontextmanager
async def recorded_world(folder: Path, *, insecure: bool = True) -> AsyncIterator[RecordedWorld]:
    """The place, with nothing in it but the repository."""
    config = SuiteConfig(
        data_dir=folder / "suite",
        port=0,
        insecure=insecure,
        log_format="json",
        poll_seconds=_POLL_SECONDS,
        service_flags={"app-controller": ("--wave-delay=0.05",)},
    )
    async with (
        Suite(config) as suite,
        GitServer(folder / "git") as git,
        KubeClient(suite.connection) as client,
    ):
        git.webhooks.append(Webhook(url=f"{suite.api_url}/api/webhook"))
        repo = await WorkRepo.clone(await git.create("config"), folder / "work")
        await repo.publish(files(), "three")
        await repo.tag("v1.0.0")
        world = RecordedWorld(suite, git, client, repo)
        raw = await client.get(SECRETS, "argocd-initial-admin-secret", CONTROL)
        world.password = msgspec.json.decode(raw, type=_Secret).data["password"].decode()
        yield world


class _Secret(msgspec.Struct, frozen=True):
    data: dict[str, bytes] = {}
