"""One fresh suite with a Git server, a repository of workloads and observers of what becomes of them.

The invariant: nothing outlives the stage, and no two measurements that would disturb each other share one.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from fairlead.kube.rest import KubeClient
from fairlead.local.git_server import GitServer, Webhook
from fairlead.local.suite import Suite, SuiteConfig
from fairlead.local.work_repo import WorkRepo
from tests.bench.meter import Meter
from tests.bench.objects import APPLICATIONS, DEPLOYMENTS, EVENTS, NAMESPACES, Application, Deployment
from tests.bench.observer import Key, Observer
from tests.bench.workload import Workload, application, files, image, namespaces, overlay

REPOSITORY = "bench-config"
AT_ONCE = 32
"""Requests of the benchmark in flight."""
SETTLE_SECONDS = 60.0
SECONDS_FOR_EACH = 1.0
"""Time given to each of many applications before the measurement is given up."""
QUIET_SECONDS = 10.0
"""Without a new Kubernetes Event, before all is told: they are written last, and slowly."""
LONGEST_WAIT = 240.0
Result = TypeVar("Result")


class Stage(msgspec.Struct, kw_only=True):
    """What a measurement is given."""

    suite: Suite
    git: GitServer
    client: KubeClient
    repo: WorkRepo
    applications: Observer[Application]
    deployments: Observer[Deployment]
    folder: Path
    tags: int = 1

    @property
    def namespace(self) -> str:
        """Where the Applications are."""
        return self.suite.config.namespace

    @property
    def url(self) -> str:
        """The repository as the Applications name it."""
        return self.git.repo_url(REPOSITORY)

    def meter(self) -> Meter:
        """Starts to count."""
        return Meter(self.suite)

    def keys(self, items: Iterable[Workload]) -> list[Key]:
        """The Applications of these workloads."""
        return [(self.namespace, item.name) for item in items]

    def next_tag(self) -> str:
        """A tag no trial had before."""
        self.tags += 1
        return f"1.{self.tags}"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A commit that was pushed and became live; seconds from just before `git push` began."""

    commit: str
    pushed: float
    live: float


@asynccontextmanager
async def open_stage(folder: Path, service_flags: dict[str, tuple[str, ...]]) -> AsyncIterator[Stage]:
    """Start everything; all is gone at the end."""
    config = SuiteConfig(
        data_dir=folder / "suite", port=0, insecure=True, log_format="json", service_flags=service_flags
    )
    async with (
        Suite(config) as suite,
        GitServer(folder / "git") as git,
        KubeClient(suite.connection) as client,
        Observer(client, APPLICATIONS, Application) as applications,
        Observer(client, DEPLOYMENTS, Deployment) as deployments,
    ):
        url = await git.create(REPOSITORY)
        git.webhooks.append(Webhook(url=f"{suite.api_url}/api/webhook"))
        yield Stage(
            suite=suite,
            git=git,
            client=client,
            repo=await WorkRepo.clone(url, folder / "work"),
            applications=applications,
            deployments=deployments,
            folder=folder,
        )


async def publish(stage: Stage, items: list[Workload]) -> None:
    """Push the workloads' files and make their namespaces."""
    tree: dict[str, str | bytes | None] = {}
    for item in items:
        tree.update(files(item))
    await stage.repo.publish(tree, f"{len(items)} workloads")
    await gather(make_namespace(stage.client, name) for name in namespaces(items))


async def make_namespace(client: KubeClient, name: str) -> None:
    """Create a namespace."""
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    await client.create(NAMESPACES, body)


async def create(stage: Stage, items: list[Workload]) -> None:
    """Create the Applications as fast as the apiserver takes them."""
    bodies = [application(item, stage.url, stage.namespace) for item in items]
    await gather(stage.client.create(APPLICATIONS, body, stage.namespace) for body in bodies)


async def until_settled(stage: Stage, items: list[Workload], commit: str = "") -> float:
    """When all are Synced and Healthy (at that commit, if one is given). Raises BenchError."""
    return await stage.applications.until(
        stage.keys(items),
        lambda app: app.is_settled and (not commit or app.revision == commit),
        seconds=SETTLE_SECONDS + SECONDS_FOR_EACH * len(items),
        what="Synced and Healthy",
    )


async def until_told(stage: Stage) -> float:
    """Wait until what was left to be told has been told; the seconds it took, at most LONGEST_WAIT."""
    began = time.monotonic()
    known = -1
    while time.monotonic() - began < LONGEST_WAIT:
        count = len(await stage.client.list_all(EVENTS, stage.namespace))
        if count == known:
            break
        known = count
        await asyncio.sleep(QUIET_SECONDS)
    return time.monotonic() - began


async def change(stage: Stage, item: Workload) -> Change:
    """Push another tag for one workload and wait until its Deployment has it. Raises BenchError."""
    tag = stage.next_tag()
    await stage.repo.write(overlay(item, tag))
    commit = await stage.repo.commit(f"{item.name} {tag}")
    waiting = asyncio.create_task(
        stage.deployments.until(
            [(item.namespace, item.name)],
            lambda found: found.image == image(tag),
            seconds=SETTLE_SECONDS,
            what=f"{tag} live",
        )
    )
    began = time.monotonic()
    await stage.repo.push()
    pushed = time.monotonic() - began
    return Change(commit=commit, pushed=pushed, live=await waiting - began)


async def gather(work: Iterable[Awaitable[Result]]) -> list[Result]:
    """Do all, AT_ONCE at a time; the answers in order."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(item: Awaitable[Result]) -> Result:
        async with gate:
            return await item

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(item)) for item in work]
    return [task.result() for task in tasks]
