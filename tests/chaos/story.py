"""What people do while things fail: push, revert, force-push, edit, sync, refresh, delete and make anew."""

import asyncio
import base64
import contextlib
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
import structlog

from fairlead.kube.errors import KubeError, NotFoundError
from fairlead.local.work_repo import WorkRepo
from tests.chaos.bait import LOCKED, Bait
from tests.chaos.history import History
from tests.chaos.place import Place
from tests.chaos.sets import Folders, Set
from tests.chaos.workload import CONTROL, OBJECTS, App
from tests.e2e.world import APPLICATIONS, CONFIG_MAPS, NAMESPACES, SECRETS

log = structlog.get_logger(__name__)

WEIGHTS: Mapping[str, int] = {
    "publish": 60,
    "revert": 8,
    "force_push": 6,
    "edit": 10,
    "remove": 6,
    "sync": 6,
    "refresh": 3,
    "renew": 1,
}
BYSTANDER = "bystander"
COPY = "copy"
TRACKING = "argocd.argoproj.io/tracking-id"
GONE_SECONDS = 180.0


class Story:
    """The people of a run; every choice comes from its seed."""

    def __init__(
        self,
        place: Place,
        apps: list[App],
        chance: random.Random,
        bait: Bait | None = None,
        sets: list[Set] | None = None,
    ) -> None:
        self.place = place
        self._sets = sets or []
        self._bait = bait
        self.apps = {app.name: app for app in apps}
        self.histories = {repo: History() for repo in sorted({thing.repo for thing in (*apps, *self._sets)})}
        self.done: Counter[str] = Counter()
        self.renewals: dict[str, list[tuple[float, float]]] = {app.name: [] for app in apps}
        self._repos: dict[str, WorkRepo] = {}
        self._chance = chance
        self._numbers = 0
        self._turns = {repo: asyncio.Lock() for repo in self.histories}

    async def begin(self) -> None:
        """Repositories, namespaces, strangers' objects, the second cluster, the applications."""
        for repo in self.histories:
            await self._repository(repo)
        if self._bait is not None:
            await self._bait.begin(self.place.client)
        for app in self.apps.values():
            await self.place.client.create(NAMESPACES, _object("Namespace", "", app.namespace))
            await self.place.client.create(
                CONFIG_MAPS, _object("ConfigMap", app.namespace, BYSTANDER), app.namespace
            )
            mark = {TRACKING: f"{app.name}:/ConfigMap:{app.namespace}/item-0"}
            copy = _object("ConfigMap", app.namespace, COPY, annotations=mark)
            await self.place.client.create(CONFIG_MAPS, copy, app.namespace)
        for app in self.apps.values():
            await self.create(app)

    async def _repository(self, repo: str) -> None:
        git, url = self.place.git, self.place.git.direct_url(repo)
        await git.create(repo)
        if self._bait is not None:
            self._bait.protect()
            url = self._bait.direct_url(repo)
        self._repos[repo] = await WorkRepo.clone(url, self.place.folder / "work" / repo)
        if self._bait is not None and repo == LOCKED:
            self._bait.lay(self._repos[repo].folder)
        await self.publish(repo, [app for app in self.apps.values() if app.repo == repo])

    async def run(self, seconds: float, *, pause: float) -> None:
        """One deed after another until the time is over."""
        deeds: dict[str, Callable[[], Awaitable[None]]] = {
            name: getattr(self, f"_{name}") for name in WEIGHTS
        }
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            name = self._chance.choices(tuple(WEIGHTS), tuple(WEIGHTS.values()))[0]
            try:
                await deeds[name]()
                self.done[name] += 1
            except KubeError as error:
                log.debug("chaos.deed.failed", deed=name, error=error.message)
            await asyncio.sleep(self._chance.uniform(0, 2 * pause))

    async def publish(self, repo: str, apps: list[App], *, force: bool = False) -> None:
        """A commit that rewrites each object of these applications but one."""
        async with self._turns[repo]:
            wanted = dict(self._wanted(repo))
            self._numbers += 1
            number = self._numbers
            left_out = self._chance.randrange(OBJECTS)
            for app in apps:
                wanted[app.name] = {
                    f"item-{index}": str(number) for index in range(OBJECTS) if index != left_out
                }
            await self._push(repo, wanted, number, force=force)

    async def push_folders(self, repo: str, folders: Folders) -> None:
        """A commit that gives sets other folders, and leaves everything else."""
        async with self._turns[repo]:
            self._numbers += 1
            now = {**self._folders(repo), **folders}
            await self._push(repo, self._wanted(repo), self._numbers, folders=now)

    async def create(self, app: App) -> None:
        """The Application, as kubectl would."""
        await self.place.client.create(APPLICATIONS, app.manifest(self.place.git.repo_url(app.repo)), CONTROL)

    async def delete(self, app: App) -> None:
        """Delete an Application with all it has, and wait until it is gone."""
        began = time.monotonic()
        with contextlib.suppress(NotFoundError):
            await self.place.client.delete(APPLICATIONS, app.name, CONTROL)
        async with asyncio.timeout(GONE_SECONDS):
            while await self.place.client.find(APPLICATIONS, app.name, CONTROL) is not None:
                await asyncio.sleep(0.2)
        self.renewals[app.name].append((began, time.monotonic()))

    async def _publish(self) -> None:
        repo = self._chance.choice(tuple(self.histories))
        own = [app for app in self.apps.values() if app.repo == repo]
        await self.publish(repo, self._chance.sample(own, self._chance.choice((1, 1, 1, 2, len(own)))))

    async def _revert(self) -> None:
        """The files of an earlier commit, as a new one."""
        repo = self._chance.choice(tuple(self.histories))
        async with self._turns[repo]:
            states = self.histories[repo].states
            self._numbers += 1
            earlier = self._chance.choice(states[-6:])
            await self._push(repo, earlier.apps, self._numbers, folders=earlier.folders)

    async def _force_push(self) -> None:
        """History is rewritten: the branch continues from an earlier commit."""
        repo = self._chance.choice(tuple(self.histories))
        async with self._turns[repo]:
            states = self.histories[repo].states
            earlier = self._chance.choice(states[-5:])
            work = self._repos[repo]
            await work.reset(earlier.commit)
            self._numbers += 1
            await self._push(repo, earlier.apps, self._numbers, folders=earlier.folders, force=True)

    async def _edit(self) -> None:
        app = self._some_app()
        name = f"item-{self._chance.randrange(OBJECTS)}"
        self._numbers += 1
        patch = {"data": {"state": f"by-hand-{self._numbers}"}}
        await self.place.client.merge_patch(CONFIG_MAPS, name, patch, app.namespace)

    async def _remove(self) -> None:
        app = self._some_app()
        await self.place.client.delete(CONFIG_MAPS, f"item-{self._chance.randrange(OBJECTS)}", app.namespace)

    async def _sync(self) -> None:
        patch = {"operation": {"initiatedBy": {"username": "somebody"}, "sync": {"prune": True}}}
        await self.place.client.merge_patch(APPLICATIONS, self._some_app().name, patch, CONTROL)

    async def _refresh(self) -> None:
        kind = self._chance.choice(("normal", "hard"))
        patch = {"metadata": {"annotations": {"argocd.argoproj.io/refresh": kind}}}
        await self.place.client.merge_patch(APPLICATIONS, self._some_app().name, patch, CONTROL)

    async def _renew(self) -> None:
        app = self._some_app()
        await self.delete(app)
        await self.create(app)

    async def _push(
        self,
        repo: str,
        wanted: Mapping[str, Mapping[str, str]],
        number: int,
        *,
        folders: Folders | None = None,
        force: bool = False,
    ) -> None:
        work = self._repos[repo]
        folders = self._folders(repo) if folders is None else folders
        files: dict[str, str | bytes | None] = {}
        for app in self.apps.values():
            if app.repo == repo:
                folder = work.folder / app.path
                files |= {f"{app.path}/{file.name}": None for file in folder.glob("*.yaml")}
                files |= app.files(wanted.get(app.name, {}), _number_of(wanted.get(app.name, {}), number))
        for one in self._sets:
            if one.repo == repo:
                place = work.folder / "sets" / one.name
                files |= {
                    str(file.relative_to(work.folder)): None for file in place.rglob("*") if file.is_file()
                }
                files |= one.files(folders.get(one.name, {}))
        await work.write(files)
        commit = await work.commit(f"state {number}")
        before = time.monotonic()
        await work.push(force=force)
        self.histories[repo].add(commit, wanted, before=before, folders=folders)

    def _folders(self, repo: str) -> Folders:
        history = self.histories[repo]
        if history.states:
            return history.last.folders
        return {one.name: one.begins_with() for one in self._sets if one.repo == repo}

    def _wanted(self, repo: str) -> Mapping[str, Mapping[str, str]]:
        history = self.histories[repo]
        return history.last.apps if history.states else {}

    def _some_app(self) -> App:
        return self._chance.choice(tuple(self.apps.values()))

    async def second_cluster(self, server: str, token: str, ca_pem: str) -> None:
        """Register the cluster again under another address, as a second one."""
        config = {
            "bearerToken": token,
            "tlsClientConfig": {"caData": base64.b64encode(ca_pem.encode()).decode()},
        }
        secret = _object(
            "Secret", CONTROL, "cluster-second", labels={"argocd.argoproj.io/secret-type": "cluster"}
        )
        secret["stringData"] = {
            "name": "second",
            "server": server,
            "config": msgspec.json.encode(config).decode(),
        }
        await self.place.client.create(SECRETS, secret, CONTROL)


def _number_of(objects: Mapping[str, str], otherwise: int) -> int:
    """A hook's arguments follow its application's content, so that a revert brings the former hook."""
    return int(next(iter(objects.values()), otherwise))


def _object(kind: str, namespace: str, name: str, **metadata: Any) -> dict[str, Any]:
    place = {"namespace": namespace} if namespace else {}
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, **place, **metadata}}
