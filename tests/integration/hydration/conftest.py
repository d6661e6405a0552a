"""All that a hydration takes, for real: a control plane, NATS, Redis, Git, and the services that share it."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest
import pytest_asyncio

from fairlead.bus import Bus, BusConfig
from fairlead.commit_server.config import Config as CommitConfig
from fairlead.commit_server.wiring import serve
from fairlead.events import RevisionCheck, subjects
from fairlead.kube.collection import CONFIG_MAPS, SECRETS
from fairlead.local.builds import render_engine_binary
from fairlead.local.control_plane import ControlPlane
from fairlead.local.git_command import run_git
from fairlead.local.git_server import GitServer
from fairlead.local.nats_server import NatsServer
from fairlead.local.redis_server import RedisServer
from fairlead.local.work_repo import WorkRepo
from fairlead.matching.networks import Networks, parse_networks
from fairlead.matching.repository import identity
from fairlead.process.run import Stop
from fairlead.secret import Secret
from tests.integration.app_controller.lab import SECRET, Lab, running
from tests.integration.repo_server.suite import RepoServerProcess


class Whole:
    """The lab, and the two repositories of its applications: one is rendered, one is written to."""

    def __init__(self, lab: Lab, git: GitServer, folder: Path) -> None:
        self.lab, self.git, self._folder = lab, git, folder
        self.dry: WorkRepo
        self.dry_url = self.write_url = ""

    async def prepare(self) -> None:
        self.dry_url, self.write_url = await self.git.create("dry"), await self.git.create("written")
        self.dry = await WorkRepo.clone(self.dry_url, self._folder / "dry")
        data = {"url": base64.b64encode(self.write_url.encode()).decode()}
        labels = {"argocd.argoproj.io/secret-type": "repository-write"}
        metadata = {"name": "written", "labels": labels}
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}
        await self.lab.client.create(SECRETS, body, self.lab.namespace)

    async def told(self) -> None:
        """The dry repository is said to have moved, as by a webhook."""
        repository = identity(self.dry_url)
        bus = await Bus.connect(
            BusConfig(url=self.lab.nats.url, service="api-server", secret=SECRET.encode())
        )
        await bus.publish(subjects.revision_check(repository), RevisionCheck(repository=repository))
        await bus.close()

    async def hydrated(self, *arguments: str) -> str:
        """What Git says of the repository that is written to."""
        return await run_git(*arguments, folder=self.git.path("written"))

    def hydrator(self, path: str, **more: Any) -> dict[str, Any]:
        return {
            "drySource": {"repoURL": self.dry_url, "targetRevision": "main", "path": path},
            "syncSource": {"repoURL": self.write_url, "targetBranch": "env/prod", "path": path},
            **more,
        }


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def whole(
    control_plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Whole]:
    folder = tmp_path_factory.mktemp("hydration")
    engine = await asyncio.to_thread(render_engine_binary)
    async with AsyncExitStack() as stack:
        nats = await stack.enter_async_context(NatsServer(folder / "nats"))
        redis = await stack.enter_async_context(RedisServer(folder / "redis"))
        git = await stack.enter_async_context(GitServer(folder / "git"))
        home = SimpleNamespace(
            home=folder, log_file=folder / "repo-server.log", nats=nats, redis=redis, engine=engine
        )
        repo_server = RepoServerProcess(cast(Any, home), credentials=True)
        stop = Stop()
        config = CommitConfig(
            nats_url=nats.url,
            redis_url=Secret(redis.url),
            cache_secret=Secret(SECRET),
            write_credentials_secret=Secret(SECRET),
            render_engine=engine,
            data_dir=folder / "commit-server",
            networks=Networks(opened=parse_networks("127.0.0.0/8")),
        )

        async def prepare(lab: Lab) -> None:
            secrets = {
                "credentials_secret": Secret(SECRET),
                "write_credentials_secret": Secret(SECRET),
            }
            lab.config = msgspec.structs.replace(lab.config, **secrets)
            enabled = {"data": {"hydrator.enabled": "true"}}
            await lab.client.merge_patch(CONFIG_MAPS, "argocd-cmd-params-cm", enabled, lab.namespace)
            await repo_server.start()

        stack.push_async_callback(repo_server.stop)
        lab = await stack.enter_async_context(running(control_plane, nats, redis, prepare=prepare))
        committing = asyncio.create_task(serve(config, stop))
        found = Whole(lab, git, folder)
        await found.prepare()
        yield found
        stop.set()
        await committing
