"""A server of Git LFS: the batch protocol, with objects in memory, a password, and ways to lie."""

import base64
import hashlib
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from fairlead.local.ports import LOOPBACK, choose_port

MEDIA = "application/vnd.git-lfs+json"


class LfsServer:
    """Serves batches at `<url>/<anything>.git/info/lfs/objects/batch` and content at `<store>/objects/<oid>`.

    With a `password` batches need it; content needs the header that a batch's answer names, and no other.
    `asked` are the requests: their path and Authorization header.
    """

    def __init__(self, *, username: str = "", password: str = "") -> None:
        self.port, self.store_port = choose_port(0), choose_port(0)
        self.asked: list[tuple[str, str]] = []
        self.served: dict[str, bytes] = {}
        self.elsewhere = ""
        self.refusal = "Object does not exist"
        self._objects: dict[str, bytes] = {}
        self._credential = base64.b64encode(f"{username}:{password}".encode()).decode() if password else ""
        self._runners: list[web.AppRunner] = []

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def store(self) -> str:
        return f"http://{LOOPBACK}:{self.store_port}"

    def add(self, content: bytes) -> str:
        """Keep a file; the pointer to it."""
        oid = hashlib.sha256(content).hexdigest()
        self._objects[oid] = content
        return f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n"

    def lie(self, pointer: str, content: bytes) -> None:
        """Serve something else under an object's name."""
        self.served[pointer.split("sha256:")[1][:64]] = content

    async def __aenter__(self) -> Self:
        batches, contents = web.Application(), web.Application()
        batches.router.add_post("/{repo:.+}/info/lfs/objects/batch", self._batch)
        contents.router.add_get("/objects/{oid}", self._content)
        for app, port in ((batches, self.port), (contents, self.store_port)):
            runner = web.AppRunner(app)
            await runner.setup()
            await web.TCPSite(runner, LOOPBACK, port).start()
            self._runners.append(runner)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for runner in self._runners:
            await runner.cleanup()

    async def _batch(self, request: web.Request) -> web.Response:
        given = request.headers.get("Authorization", "")
        self.asked.append((request.path, given))
        if self._credential and given != f"Basic {self._credential}":
            return web.json_response({"message": "Credentials needed"}, status=401, content_type=MEDIA)
        asked: Mapping[str, Any] = await request.json()
        assert asked["operation"] == "download"
        objects = [self._told(one["oid"], one["size"]) for one in asked["objects"]]
        return web.json_response({"transfer": "basic", "objects": objects}, content_type=MEDIA)

    def _told(self, oid: str, size: int) -> dict[str, Any]:
        if oid not in self._objects:
            return {"oid": oid, "size": size, "error": {"code": 404, "message": self.refusal}}
        href = f"{self.elsewhere or self.store}/objects/{oid}"
        return {
            "oid": oid,
            "size": size,
            "authenticated": True,
            "actions": {"download": {"href": href, "header": {"Authorization": f"Ticket {oid[:8]}"}}},
        }

    async def _content(self, request: web.Request) -> web.Response:
        oid, given = request.match_info["oid"], request.headers.get("Authorization", "")
        self.asked.append((request.path, given))
        if given != f"Ticket {oid[:8]}":
            return web.Response(status=403)
        return web.Response(body=self.served.get(oid, self._objects[oid]))
