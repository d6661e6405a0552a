"""A commit server on real NATS, Redis and Git, and the part of a controller that asks it."""

import asyncio
import base64
import hashlib
import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from fairlead.app_controller.following.hand_over import WRITE, HandOver
from fairlead.bus import Bus, BusConfig, RemoteError
from fairlead.bus.topology import WRITE_CREDENTIALS_BUCKET
from fairlead.cache import Cache, CacheConfig, keys
from fairlead.commit_server.config import Config
from fairlead.events import subjects
from fairlead.events.credentials import PURPOSE_OF_WRITING
from fairlead.events.envelope import decode, encode
from fairlead.kube.head import decode_head
from fairlead.local.git_command import run_git
from fairlead.local.git_server import GitServer
from fairlead.local.nats_server import NatsServer
from fairlead.local.redis_server import RedisServer
from fairlead.matching.networks import Networks, parse_networks
from fairlead.matching.repository import partition
from fairlead.rpc import RenderedSet
from fairlead.rpc.hydration import (
    HEAD,
    HYDRATE,
    Authoring,
    DryCommit,
    Hydrate,
    Hydrated,
    HydratedPath,
    WriteBranch,
    WriteBranchHead,
)
from fairlead.secret import Secret
from fairlead.secret.seal import Seal, derive

SECRET = "only-for-tests-and-long-enough"
PATIENCE = 60.0
WRITE_SECRET = "repository-write"
DRY = DryCommit(
    repo_url="https://git.example/dry",
    sha="d" * 40,
    author="Ann <ann@shop.example>",
    date="2030-01-02T03:04:05+00:00",
    message="Scale the web up\n\nIt was slow.\n",
)


def config_map(name: str, value: str = "v") -> dict[str, Any]:
    metadata = {"name": name}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"key": value}}


def dry_commit(number: int, message: str = "Change\n") -> DryCommit:
    sha = hashlib.sha1(str(number).encode(), usedforsecurity=False).hexdigest()
    return msgspec.structs.replace(DRY, sha=sha, message=message)


class Lab:
    """The servers, and what is handed over to commit servers."""

    def __init__(self, nats: NatsServer, redis: RedisServer, git: GitServer, engine: Path, bus: Bus) -> None:
        self.nats, self.redis, self.git, self.engine, self.bus = nats, redis, git, engine, bus
        self.cache = Cache(CacheConfig(url=redis.url, secret=SECRET.encode()))
        seal = Seal(derive(SECRET.encode(), PURPOSE_OF_WRITING))
        self.handing = HandOver(bus, seal, bucket=WRITE_CREDENTIALS_BUCKET, types=WRITE)
        self._numbers = itertools.count(1)

    def config(self, folder: Path, **fields: Any) -> Config:
        return Config(
            nats_url=self.nats.url,
            nats_password=Secret(SECRET),
            redis_url=Secret(self.redis.url),
            cache_secret=Secret(SECRET),
            write_credentials_secret=Secret(SECRET),
            render_engine=self.engine,
            data_dir=folder,
            networks=Networks(opened=parse_networks("127.0.0.0/8")),
            **fields,
        )

    async def repository(self, **data: str) -> "Written":
        """An empty repository that may be written to."""
        name = f"written-{next(self._numbers)}"
        url = await self.git.create(name)
        self.declare(name, url=url, **data)
        written = Written(self, name, url)
        await written.known()
        return written

    def declare(self, name: str, kind: str = WRITE_SECRET, **data: str) -> None:
        encoded = {field: base64.b64encode(value.encode()).decode() for field, value in data.items()}
        labels = {"argocd.argoproj.io/secret-type": kind}
        self._take(self.handing.take, "Secret", name, encoded, labels)

    def know(self, text: str) -> None:
        name = "argocd-ssh-known-hosts-cm"
        self._take(self.handing.take_map, "ConfigMap", name, {"ssh_known_hosts": text}, {})

    def _take(self, take: Any, kind: str, name: str, data: Mapping[str, str], labels: dict[str, str]) -> None:
        metadata = {"name": name, "namespace": "argocd", "labels": labels}
        raw = msgspec.json.encode({"apiVersion": "v1", "kind": kind, "metadata": metadata, "data": data})
        take(decode_head(raw), raw)

    async def rendered(self, *objects: dict[str, Any]) -> str:
        """A set in the cache, as a repo-server puts it there; its digest."""
        found = RenderedSet(documents=tuple(msgspec.json.encode(one) for one in objects))
        await self.cache.put(keys.manifests(found.digest), encode(found))
        return found.digest

    async def path(self, path: str, *objects: dict[str, Any], commands: tuple[str, ...] = ()) -> HydratedPath:
        return HydratedPath(path=path, digest=await self.rendered(*objects), commands=commands)


class Written:
    """One repository that is written to, and questions about it."""

    def __init__(self, lab: Lab, name: str, url: str) -> None:
        self.lab, self.name, self.url = lab, name, url

    async def head(self, target: str = "env/prod", sync: str = "env/prod") -> WriteBranchHead:
        asked = WriteBranch(project="default", repo_url=self.url, sync_branch=sync, target_branch=target)
        return decode(WriteBranchHead, await self._asked(HEAD, encode(asked)))

    def question(self, head: str, *paths: HydratedPath, **fields: Any) -> Hydrate:
        told = {
            "project": "default",
            "repo_url": self.url,
            "sync_branch": "env/prod",
            "target_branch": "env/prod",
            "dry": DRY,
            "authoring": Authoring(),
            **fields,
        }
        return Hydrate(expected_head=head, paths=paths, **told)

    async def hydrate(self, *paths: HydratedPath, head: str | None = None, **fields: Any) -> Hydrated:
        """Ask for it, upon the head as it is unless another is said."""
        if head is None:
            branches = {"sync": fields.get("sync_branch", "env/prod")}
            branches["target"] = fields.get("target_branch", branches["sync"])
            head = (await self.head(**branches)).head
        return decode(Hydrated, await self._asked(HYDRATE, encode(self.question(head, *paths, **fields))))

    async def known(self) -> None:
        """Return once the commit server has its credentials, whatever they are worth."""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    await self.head()
                except RemoteError as error:
                    if "there are no credentials" in str(error):
                        await asyncio.sleep(0.02)
                        continue
                return

    async def show(self, revision: str) -> str:
        return await self.git("show", revision)

    async def git(self, *arguments: str) -> str:
        return await run_git(*arguments, folder=self.lab.git.path(self.name))

    async def files(self, revision: str = "env/prod") -> list[str]:
        return (await self.git("ls-tree", "-r", "--name-only", revision)).split()

    async def commits(self, revision: str = "env/prod") -> int:
        return int(await self.git("rev-list", "--count", revision))

    async def note(self, revision: str = "env/prod") -> str:
        return await self.git("notes", "--ref=hydrator.metadata", "show", revision)

    async def _asked(self, verb: str, payload: bytes) -> bytes:
        subject = subjects.rpc_commit(partition(self.url), verb)
        return await self.lab.bus.request(subject, payload, timeout=PATIENCE, patience=PATIENCE)


async def controller_bus(nats: NatsServer) -> Bus:
    """The connection of an app-controller, with its rights and no others."""
    config = BusConfig(
        url=nats.url, service="app-controller", user="app-controller", password=SECRET, secret=SECRET.encode()
    )
    return await Bus.connect(config)


@asynccontextmanager
async def closing(bus: Bus) -> AsyncIterator[Bus]:
    try:
        yield bus
    finally:
        await bus.close()
