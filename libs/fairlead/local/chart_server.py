"""A chart repository on loopback: an index and archives, over http or https.

Why: demos and tests need repositories whose charts come over the network, and that lie or fail on demand.
Invariant: without the password, or the client certificate, that was set nothing is served.
"""

import base64
import hashlib
import hmac
import ssl
from types import TracebackType
from typing import Self

import msgspec
from aiohttp import web

from fairlead.local.packing import chart_metadata
from fairlead.local.pki import KeyPair
from fairlead.local.ports import LOOPBACK, choose_port

STOP_SECONDS = 1.0


class Asked(msgspec.Struct, frozen=True):
    """A request: its path, and who asked in the words of the Authorization and User-Agent headers."""

    path: str
    authorization: str
    agent: str = ""


class ChartServer:
    """Serves `files` by path below `/`; `index.yaml` is made of the charts that were added.

    `redirects` send a path elsewhere, `statuses` fail it. With `client_ca` (a PEM file) only who shows a
    certificate of that authority is let in.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        username: str = "",
        password: str = "",
        certificate: KeyPair | None = None,
        client_ca: str = "",
    ) -> None:
        self.port = choose_port(port)
        self.files: dict[str, bytes] = {}
        self.redirects: dict[str, str] = {}
        self.statuses: dict[str, int] = {}
        self.asked: list[Asked] = []
        self._needed = (
            f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}" if password else ""
        )
        self._tls = _context(certificate, client_ca) if certificate else None
        self._charts: dict[str, list[dict[str, object]]] = {}
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        """The repository's address."""
        return f"{'https' if self._tls else 'http'}://{LOOPBACK}:{self.port}"

    async def start(self) -> None:
        """Listen; the same port again after a `stop`."""
        application = web.Application()
        application.router.add_get("/{path:.*}", self._handle)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=STOP_SECONDS)
        await self._runner.setup()
        site = web.TCPSite(self._runner, LOOPBACK, self.port, ssl_context=self._tls, reuse_address=True)
        await site.start()

    async def stop(self) -> None:
        """Refuse connections from now on; the charts stay."""
        if self._runner is not None:
            await self._runner.cleanup()

    def add(self, archive: bytes, *, url: str = "", digest: str | None = None) -> str:
        """Offer a chart; the path of its archive. `url` and `digest` are what the index says of it."""
        metadata = chart_metadata(archive)
        path = f"charts/{metadata['name']}-{metadata['version']}.tgz"
        self.files[path] = archive
        told = hashlib.sha256(archive).hexdigest() if digest is None else digest
        entry = {**metadata, "urls": [url or path], "digest": told, "created": "2026-01-01T00:00:00Z"}
        self._charts.setdefault(str(metadata["name"]), []).append(entry)
        self.files["index.yaml"] = _index(self._charts)
        return path

    def withdraw(self, name: str, version: str) -> None:
        """Offer a version no longer; its archive stays."""
        self._charts[name] = [entry for entry in self._charts[name] if str(entry["version"]) != version]
        self.files["index.yaml"] = _index(self._charts)

    async def _handle(self, request: web.Request) -> web.Response:
        path, told = request.match_info["path"], request.headers.get("Authorization", "")
        self.asked.append(Asked(path, told, request.headers.get("User-Agent", "")))
        if self._needed and not hmac.compare_digest(told, self._needed):
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="charts"'})
        if path in self.redirects:
            return web.Response(status=302, headers={"Location": self.redirects[path]})
        if path in self.statuses or path not in self.files:
            return web.Response(status=self.statuses.get(path, 404))
        body = self.files[path]
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        return web.Response(body=body, headers={"ETag": etag}, content_type="application/octet-stream")


def _index(charts: dict[str, list[dict[str, object]]]) -> bytes:
    """As Helm writes it."""
    lines = ["apiVersion: v1", "entries:"]
    for name in sorted(charts):
        lines.append(f"  {name}:" if charts[name] else f"  {name}: []")
        for entry in charts[name]:
            lines += _entry(entry)
    return "\n".join([*lines, 'generated: "2026-01-01T00:00:00Z"', ""]).encode()


def _entry(entry: dict[str, object]) -> list[str]:
    lines: list[str] = []
    for key in sorted(entry):
        value = entry[key]
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            lines += [f"    {key}:", *(f"    - {one}" for one in value)]
        else:
            lines.append(f"    {key}: {msgspec.json.encode(value).decode()}")
    return [f"  - {lines[0].strip()}", *lines[1:]]


def _context(certificate: KeyPair, client_ca: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.certificate, certificate.key)
    if client_ca:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_ca)
    return context
