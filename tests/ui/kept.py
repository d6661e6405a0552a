"""A suite that stays, for those who write tests of the web UI: a run then costs seconds, not a minute.

`python -m tests.ui.kept FOLDER` starts it and its applications in a folder and runs until Ctrl-C; with
`UI_SUITE=FOLDER` the tests attach to it: each run has an API server and a UI of its own sources, and all
share the rest. What tests change of the control plane's settings is then seen by the others, too.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import aiohttp
import msgspec

from fairlead.kube.connection import Connection
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.rest import KubeClient
from fairlead.local.git_server import GitServer, Webhook
from fairlead.local.ports import LOOPBACK, choose_port
from fairlead.local.process import ServerProcess
from fairlead.local.suite import Suite, SuiteConfig
from fairlead.local.suite.secrets import ensure_secrets
from fairlead.local.ui import built_ui
from tests.e2e.conftest import POLL_SECONDS
from tests.ui.stage import Prepared, Stage

VARIABLE = "UI_SUITE"
FILE = "kept.json"
PROTECTED = "protected.json"
Passwords = dict[str, tuple[str, str]]
START_SECONDS = 180.0


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """Where everything of a running suite is."""

    suite: str
    kubeconfig: str
    identity: str
    nats_url: str
    redis_url: str
    git: str
    git_port: int
    prepared: Prepared


def kept() -> Kept | None:
    """The suite that the environment names."""
    folder = os.environ.get(VARIABLE)
    return msgspec.json.decode((Path(folder) / FILE).read_bytes(), type=Kept) if folder else None


class SharedGit(GitServer):
    """One of several processes that make repositories in a folder; which are protected stands there too."""

    def protect(self, prefix: str, *, username: str, password: str) -> None:
        """For whichever process serves them."""
        self._passwords = {**self.passwords(), prefix: (username, password)}
        file = self.folder / PROTECTED
        partial = file.with_name(f"{PROTECTED}.{os.getpid()}")
        partial.write_bytes(msgspec.json.encode(self._passwords))
        partial.replace(file)

    def passwords(self) -> Mapping[str, tuple[str, str]]:
        """As the last of them wrote it down."""
        file = self.folder / PROTECTED
        return msgspec.json.decode(file.read_bytes(), type=Passwords) if file.exists() else {}


class Attached:
    """What a test needs of a suite, of one that runs already, with an API server of its own."""

    def __init__(self, known: Kept, folder: Path, ui: Path) -> None:
        port, self._probe = choose_port(), choose_port()
        self.api_url = f"http://{LOOPBACK}:{port}"
        secrets = ensure_secrets(Path(known.suite))
        argv = [sys.executable, "-m", "fairlead.api_server", "--insecure", "--log-format=json"]
        argv += [f"--kubeconfig={known.identity}", f"--nats-url={known.nats_url}", f"--staticassets={ui}"]
        argv += [f"--listen={LOOPBACK}", f"--port={port}", f"--probe-port={self._probe}"]
        self.extensions = folder / "extensions"
        argv += [f"--extensions={self.extensions}"]
        self.process = ServerProcess(
            "api-server",
            argv,
            log_file=folder / "api-server.log",
            env={
                "FAIRLEAD_NATS_PASSWORD": secrets.nats["api-server"],
                "FAIRLEAD_REDIS_URL": known.redis_url,
                "FAIRLEAD_CACHE_SECRET": secrets.cache,
            },
        )
        self._kubeconfig = Path(known.kubeconfig)

    @property
    def connection(self) -> Connection:
        """The administrator's, to the cluster."""
        return from_kubeconfig(self._kubeconfig)

    async def start(self) -> None:
        """Return when it is ready."""
        await self.process.start()
        async with asyncio.timeout(START_SECONDS), aiohttp.ClientSession() as http:
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    async with http.get(f"http://{LOOPBACK}:{self._probe}/readyz") as answer:
                        if answer.status == 200:
                            return
                assert self.process.running, self.process.log_file.read_text()[-3000:]
                await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def attached(known: Kept, folder: Path) -> AsyncIterator[Stage]:
    """The stage of a suite that runs already."""
    suite = Attached(known, folder, await built_ui())
    git = SharedGit(Path(known.git), port=known.git_port)
    async with KubeClient(suite.connection) as client:
        await suite.start()
        stage = Stage(suite, git, client, folder / "work", run=os.urandom(2).hex())
        try:
            await stage.adopt(known.prepared)
            yield stage
        finally:
            await stage.close()
            await suite.process.stop()


@contextlib.asynccontextmanager
async def started(folder: Path) -> AsyncIterator[Stage]:
    """A suite of its own with its stage prepared."""
    config = SuiteConfig(
        data_dir=folder / "suite",
        port=0,
        insecure=True,
        log_format="json",
        poll_seconds=POLL_SECONDS,
        builds_ui=True,
        service_variables={
            "applicationset-controller": {"ARGOCD_APPLICATIONSET_CONTROLLER_ENABLE_PROGRESSIVE_SYNCS": "true"}
        },
    )
    async with (
        Suite(config) as suite,
        SharedGit(folder / "git") as git,
        KubeClient(suite.connection) as client,
    ):
        git.webhooks.append(Webhook(url=f"{suite.api_url}/api/webhook"))
        stage = Stage(suite, git, client, folder / "work")
        try:
            await stage.prepare()
            yield stage
        finally:
            await stage.close()


async def _keep(folder: Path) -> None:
    async with started(folder) as stage:
        suite = stage.suite
        assert isinstance(suite, Suite)
        known = Kept(
            suite=str(suite.config.data_dir),
            kubeconfig=str(suite.kubeconfig),
            identity=str(suite.config.data_dir / "identities" / "api-server.kubeconfig"),
            nats_url=suite.nats.url,
            redis_url=suite.redis.url,
            git=str(stage.git.folder),
            git_port=stage.git.port,
            prepared=stage.prepared(),
        )
        (folder / FILE).write_bytes(msgspec.json.encode(known))
        sys.stdout.write(f"{suite.api_url}  admin {stage.password}\nUI_SUITE={folder}\n")
        sys.stdout.flush()
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        try:
            await stop.wait()
        finally:
            (folder / FILE).unlink()


if __name__ == "__main__":
    asyncio.run(_keep(Path(sys.argv[1]).resolve()))
