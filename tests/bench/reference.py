"""The same work by hand, as the limit of what can be reached: no events, no comparison, no status.

One change: `git fetch` into a bare mirror, `kustomize build` as a process, one server-side apply. Many: every
object of every application applied, and the time until the control plane has their pods available.
"""

import asyncio
import time
from pathlib import Path

import msgspec
import yaml

from fairlead.kube.rest import KubeClient
from fairlead.local.builds import controlplane_binary
from fairlead.local.git_command import run_git
from fairlead.local.git_server import GitServer
from fairlead.local.work_repo import WorkRepo
from tests.bench.errors import BenchError
from tests.bench.objects import DEPLOYMENTS, WORKLOAD
from tests.bench.stage import SECONDS_FOR_EACH, SETTLE_SECONDS, Stage, gather, make_namespace
from tests.bench.workload import Workload, files, namespaces, overlay, workloads

MANAGER = "bench-reference"
NAME = "reference"


class Steps(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds of each step of one change by hand."""

    push: float
    fetch: float
    kustomize: float
    apply: float

    @property
    def total(self) -> float:
        """The reference: fetch, kustomize as a process, one apply."""
        return self.fetch + self.kustomize + self.apply

    @property
    def with_push(self) -> float:
        """From the same moment as Fairlead's figure."""
        return self.push + self.total


class ByHand:
    """One workload in a repository whose server tells nobody of a push."""

    def __init__(self, client: KubeClient, repo: WorkRepo, mirror: Path, item: Workload) -> None:
        self._client = client
        self._repo = repo
        self._mirror = mirror
        self._item = item
        self._tree = mirror.with_name("reference-tree")
        self._number = 0

    @classmethod
    async def prepare(cls, client: KubeClient, git: GitServer, folder: Path) -> "ByHand":
        """Make the repository, its bare mirror, and the workload as it is at first."""
        item = workloads(NAME, 1)[0]
        url = await git.create(NAME)
        repo = await WorkRepo.clone(url, folder / "reference-work")
        await repo.publish(dict(files(item)), "a workload")
        mirror = folder / "reference-mirror.git"
        await run_git("clone", "--quiet", "--mirror", "--", url, mirror, folder=folder)
        await make_namespace(client, item.namespace)
        hand = cls(client, repo, mirror, item)
        await hand.change()
        return hand

    async def change(self) -> Steps:
        """One commit by hand, from push to applied; the checkout kustomize needs is not counted."""
        self._number += 1
        tag = f"1.{self._number}"
        await self._repo.write(overlay(self._item, tag))
        await self._repo.commit(tag)
        began = time.monotonic()
        await self._repo.push()
        pushed = time.monotonic()
        await run_git("fetch", "--quiet", "origin", folder=self._mirror)
        fetched = time.monotonic()
        await self._check_out()
        checked_out = time.monotonic()
        manifests = await _kustomize(self._tree / self._item.path)
        rendered = time.monotonic()
        await self._apply(manifests)
        return Steps(
            push=pushed - began,
            fetch=fetched - pushed,
            kustomize=rendered - checked_out,
            apply=time.monotonic() - rendered,
        )

    async def _check_out(self) -> None:
        self._tree.mkdir(exist_ok=True)
        await run_git(
            f"--work-tree={self._tree}",
            "checkout",
            "--quiet",
            "--force",
            "main",
            "--",
            ".",
            folder=self._mirror,
        )

    async def _apply(self, manifests: bytes) -> None:
        changed = next(text for text in manifests.split(b"\n---\n") if b"kind: Deployment\n" in text)
        await self._client.apply(
            DEPLOYMENTS, self._item.name, changed, self._item.namespace, field_manager=MANAGER
        )


class Bulk(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds until all objects were applied, and until all Deployments were available."""

    objects: int
    applied: float
    available: float


async def apply_many(stage: Stage, count: int) -> Bulk:
    """Apply the objects of that many workloads to namespaces of their own. Raises BenchError."""
    items = workloads(NAME, count)
    bodies = await asyncio.to_thread(_objects, items)
    await gather(make_namespace(stage.client, name) for name in namespaces(items))
    began = time.monotonic()
    available = asyncio.create_task(
        stage.deployments.until(
            [(item.namespace, item.name) for item in items],
            lambda found: found.is_available,
            seconds=SETTLE_SECONDS + SECONDS_FOR_EACH * count,
            what="available",
        )
    )
    await gather(
        stage.client.apply(WORKLOAD[kind], name, body, namespace, field_manager=MANAGER)
        for kind, name, namespace, body in bodies
    )
    applied = time.monotonic() - began
    return Bulk(objects=len(bodies), applied=applied, available=await available - began)


def _objects(items: list[Workload]) -> list[tuple[str, str, str, bytes]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found = []
    for item in items:
        for path, text in files(item).items():
            if not path.endswith("kustomization.yaml"):
                body = yaml.load(text.replace("image: nginx\n", "image: nginx:1.0\n"), Loader=loader)  # noqa: S506
                found.append((body["kind"], item.name, item.namespace, msgspec.json.encode(body)))
    return found


async def _kustomize(folder: Path) -> bytes:
    child = await asyncio.create_subprocess_exec(
        controlplane_binary(),
        "kubectl",
        "kustomize",
        folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await child.communicate()
    if child.returncode != 0:
        raise BenchError(f"kustomize: {errors.decode(errors='replace').strip()}")
    return output
