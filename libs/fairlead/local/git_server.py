"""A smart-HTTP Git server on loopback.

Why: demos and tests need repositories that are fetched and pushed over the network, and that fail on demand.
Invariant: what serves is git itself; a repository's name never leads out of the server's folder.
"""

import asyncio
import base64
import hmac
import re
import shutil
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
import msgspec
import structlog
from aiohttp import web

from fairlead.local import git_backend, push
from fairlead.local.errors import GitCommandError
from fairlead.local.git_command import run_git
from fairlead.local.ports import LOOPBACK, choose_port

NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
REQUEST = re.compile(r"/(?P<name>.+?)(\.git)?/(?P<service>info/refs|git-upload-pack|git-receive-pack)")
BACKENDS_AT_ONCE = 32
_ASKS_FOR_PACK = b"command=fetch"
WEBHOOK_SECONDS = 10
STOP_SECONDS = 1.0
CONFIGURATION = """\
[http]
\treceivepack = true
[uploadpack]
\tallowFilter = true
\tallowAnySHA1InWant = true
[receive]
\tautogc = false
[gc]
\tauto = 0
"""

log = structlog.get_logger(__name__)


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """Where pushes are told, in GitHub's form; signed when there is a secret."""

    url: str
    secret: str = ""


class GitServer:
    """Serves `<folder>/<name>.git` at `<url>/<name>.git`; everybody may read and push unless `protect`ed.

    Ports are no part of a repository's identity; with `apart` the port is in the paths too, and no repository
    is taken for one of the same name at another port.
    """

    def __init__(self, folder: Path, *, port: int = 0, apart: bool = False) -> None:
        self.folder = folder
        self.port = choose_port(port)
        self._base = f"/at-{self.port}" if apart else ""
        self.webhooks: list[Webhook] = []
        self.requests = 0
        self._passwords: dict[str, tuple[str, str]] = {}
        self._open = asyncio.Event()
        self._open.set()
        self._holds = b""
        self._failing: int | None = None
        self._places = asyncio.Semaphore(BACKENDS_AT_ONCE)
        self._telling: set[asyncio.Task[None]] = set()
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self._program = Path()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        """The server's address, without a slash at its end."""
        return f"http://{LOOPBACK}:{self.port}{self._base}"

    def repo_url(self, name: str) -> str:
        """What to clone, or to name in an Application."""
        return f"{self.url}/{name}.git"

    async def start(self) -> None:
        """Listen; the same port again after a `stop`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._program = await git_backend.find_backend()
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(
            application, access_log=None, auto_decompress=False, shutdown_timeout=STOP_SECONDS
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, self.port, reuse_address=True).start()
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=WEBHOOK_SECONDS))

    async def stop(self) -> None:
        """Refuse connections from now on; webhooks on their way are given up. Repositories stay."""
        for task in self._telling:
            task.cancel()
        await asyncio.gather(*self._telling, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    async def create(self, name: str) -> str:
        """Make an empty repository whose branch is `main`; its URL. Raises GitCommandError for a bad name."""
        if not NAME.fullmatch(name):
            raise GitCommandError(
                f"{name!r} is no name for a repository: letters, digits, '.', '_', '-', '/'"
            )
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        await run_git("init", "--bare", "--quiet", "--initial-branch=main", path, folder=self.folder)
        with (path / "config").open("a") as config:
            config.write(CONFIGURATION)
        return self.repo_url(name)

    async def remove(self, name: str) -> None:
        """Delete a repository."""
        await asyncio.to_thread(shutil.rmtree, self.path(name))

    def path(self, name: str) -> Path:
        """Where a repository's bare folder is."""
        return self.folder / f"{name}.git"

    def protect(self, prefix: str, *, username: str, password: str) -> None:
        """From now on repositories whose name starts with `prefix` need basic authentication."""
        self._passwords[prefix] = (username, password)

    def passwords(self) -> Mapping[str, tuple[str, str]]:
        """Who may enter which repositories, by the beginning of their names."""
        return self._passwords

    def hang(self, *, packs: bool = False) -> None:
        """Accept requests and leave them unanswered until `resume`; with `packs` those for objects alone."""
        self._holds = _ASKS_FOR_PACK if packs else b""
        self._open.clear()

    def fail(self, status: int = 503) -> None:
        """Answer every request with this HTTP status until `resume`."""
        self._failing = status

    def resume(self) -> None:
        """Undo `hang` and `fail`."""
        self._failing, self._holds = None, b""
        self._open.set()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        read = await request.read() if self._holds else b""
        if self._holds in read:
            await self._open.wait()
        if self._failing is not None:
            return web.Response(status=self._failing, text="told to fail\n")
        asked = REQUEST.fullmatch(request.path.removeprefix(self._base))
        if asked is None or not NAME.fullmatch(asked["name"]):
            return web.Response(status=404, text="no such page\n")
        if not self._may_enter(asked["name"], request):
            challenge = {"WWW-Authenticate": 'Basic realm="git"'}
            return web.Response(status=401, text="a name and a password are needed\n", headers=challenge)
        if not self.path(asked["name"]).is_dir():
            return web.Response(status=404, text="no such repository\n")
        return await self._serve(request, asked["name"], asked["service"], read)

    async def _serve(
        self, request: web.Request, name: str, service: str, read: bytes = b""
    ) -> web.StreamResponse:
        reader = push.PushReader(_once(read) if read else request.content.iter_any())
        async with self._places:
            response = await git_backend.answer(
                request,
                program=self._program,
                root=self.folder,
                path=f"/{name}.git/{service}",
                user=self._user(name),
                body=aiter(reader),
            )
        if service == "git-receive-pack":
            self._tell(name, reader.changes())
        return response

    def _may_enter(self, name: str, request: web.Request) -> bool:
        needed = self._needed(name)
        if needed is None:
            return True
        expected = base64.b64encode(":".join(needed).encode()).decode()
        return hmac.compare_digest(request.headers.get("Authorization", ""), f"Basic {expected}")

    def _needed(self, name: str) -> tuple[str, str] | None:
        passwords = self.passwords()
        prefixes = [prefix for prefix in passwords if name.startswith(prefix)]
        return passwords[max(prefixes, key=len)] if prefixes else None

    def _user(self, name: str) -> str:
        needed = self._needed(name)
        return needed[0] if needed else "anonymous"

    def _tell(self, name: str, changes: list[push.RefChange]) -> None:
        for change in changes:
            if push.has_happened(self.path(name), change):
                body = push.payload(change, name=name, url=self.repo_url(name))
                for webhook in self.webhooks:
                    task = asyncio.create_task(self._deliver(webhook, body))
                    self._telling.add(task)
                    task.add_done_callback(self._telling.discard)

    async def _deliver(self, webhook: Webhook, body: bytes) -> None:
        if self._session is None:
            return
        try:
            async with self._session.post(
                webhook.url, data=body, headers=push.headers(body, webhook.secret)
            ) as answer:
                log.debug("local.webhook.delivered", url=webhook.url, status=answer.status)
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("local.webhook.failed", url=webhook.url, error=str(error))


async def _once(read: bytes) -> AsyncIterator[bytes]:
    """A body that was read already."""
    yield read
