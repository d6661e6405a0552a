"""What stands before a cluster in the world, in small: lines, proxies, doors that ask who comes, and AWS."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl, quote, urlsplit

from aiohttp import web

ACCESS, HIDDEN, SESSION = "AKIAEXAMPLE", "hidden/key+of=aws", "session/of+the=role"


class _Side(asyncio.Protocol):
    """One end of a line: what comes in leaves by the other. Who comes to a proxy says first where it goes."""

    def __init__(self, lines: "Lines", *, is_proxy: bool = False, other: "_Side | None" = None) -> None:
        self._lines = lines
        self._is_proxy = is_proxy
        self._other = other
        self._waiting = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._lines.open.add(transport)
        if self._other is not None:
            self._other.joined(self)
        elif not self._is_proxy:
            self._lines.lead(self)

    def data_received(self, data: bytes) -> None:
        if self._other is not None:
            self._other.transport.write(data)
            return
        self._waiting += data
        if self._is_proxy and self._waiting.endswith(b"\r\n\r\n"):
            method, target, _ = self._waiting.decode().split(" ", 2)
            assert method == "CONNECT"
            self._waiting = b""
            self._lines.connected.append(target)
            self._lines.lead(self, int(target.rpartition(":")[2]))

    def joined(self, other: "_Side") -> None:
        """The other end is there."""
        self._other = other
        if self._is_proxy:
            self.transport.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        if self._waiting:
            other.transport.write(self._waiting)

    def connection_lost(self, _: Exception | None) -> None:
        self._lines.open.discard(self.transport)
        if self._other is not None:
            self._other.transport.close()


class Lines:
    """Addresses that lead to one server byte for byte, so that it can be registered several times; and a
    proxy that leads there for who asks by CONNECT."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._servers: list[asyncio.Server] = []
        self._leading: set[asyncio.Task[None]] = set()
        self.open: set[asyncio.Transport] = set()
        self.connected: list[str] = []

    async def line(self) -> int:
        """The port of another line."""
        return await self._serve(is_proxy=False)

    async def proxy(self) -> int:
        """The port of a proxy."""
        return await self._serve(is_proxy=True)

    async def _serve(self, *, is_proxy: bool) -> int:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Side(self, is_proxy=is_proxy), "127.0.0.1", 0)
        self._servers.append(server)
        port: int = server.sockets[0].getsockname()[1]
        return port

    def lead(self, side: _Side, port: int = 0) -> None:
        """Connect the other end of a line."""

        async def connect() -> None:
            loop = asyncio.get_running_loop()
            try:
                await loop.create_connection(lambda: _Side(self, other=side), "127.0.0.1", port or self._port)
            except OSError:
                side.transport.abort()

        task = asyncio.create_task(connect())
        self._leading.add(task)
        task.add_done_callback(self._leading.discard)

    async def close(self) -> None:
        for server in self._servers:
            server.close()
        for task in list(self._leading):
            task.cancel()
        await asyncio.gather(*self._leading, return_exceptions=True)
        while self.open:
            for transport in list(self.open):
                transport.abort()
            await asyncio.sleep(0)


@asynccontextmanager
async def lines(port: int) -> AsyncIterator[Lines]:
    found = Lines(port)
    try:
        yield found
    finally:
        await found.close()


def signed(key: str, scope: str, stamp: str, request: str) -> str:
    """Signature Version 4, as its description says."""
    date, region, service, end = scope.split("/")
    step = hmac.new(f"AWS4{key}".encode(), date.encode(), hashlib.sha256).digest()
    for part in (region, service, end):
        step = hmac.new(step, part.encode(), hashlib.sha256).digest()
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = "\n".join(("AWS4-HMAC-SHA256", stamp, scope, digest))
    return hmac.new(step, text.encode(), hashlib.sha256).hexdigest()


def is_token_of(token: str, cluster: str, key: str) -> bool:
    """Whether a bearer token is a question to STS that this secret key signed, for this cluster."""
    if not token.startswith("k8s-aws-v1."):
        return False
    encoded = token.removeprefix("k8s-aws-v1.")
    url = urlsplit(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode())
    query = dict(parse_qsl(url.query))
    found = query.pop("X-Amz-Signature")
    scope = query["X-Amz-Credential"].partition("/")[2]
    spelled = "&".join(f"{quote(name, safe='')}={quote(query[name], safe='')}" for name in sorted(query))
    headers = f"host:{url.netloc}\nx-k8s-aws-id:{cluster}\n"
    empty = hashlib.sha256(b"").hexdigest()
    request = "\n".join(("GET", url.path, spelled, headers, "host;x-k8s-aws-id", empty))
    return query["Action"] == "GetCallerIdentity" and found == signed(
        key, scope, query["X-Amz-Date"], request
    )


class Sts:
    """AssumeRole of AWS: takes what ACCESS signed and gives the keys of the role."""

    def __init__(self) -> None:
        self.roles: list[str] = []
        self.url = ""

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        form = dict(parse_qsl(body.decode()))
        if form.get("Action") == "AssumeRole" and not self._is_signed(request, body):
            return web.Response(status=403, text="SignatureDoesNotMatch")
        self.roles.append(form["RoleArn"])
        keys = (
            f"<AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>{HIDDEN}-role</SecretAccessKey>"
            f"<SessionToken>{SESSION}</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>"
        )
        name = form["Action"]
        return web.Response(
            text=f'<{name}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{name}Result>'
            f"<Credentials>{keys}</Credentials></{name}Result></{name}Response>"
        )

    @staticmethod
    def _is_signed(request: web.BaseRequest, body: bytes) -> bool:
        shown = request.headers.get("Authorization", "")
        if not shown.startswith(f"AWS4-HMAC-SHA256 Credential={ACCESS}/"):
            return False
        parts = dict(part.strip().split("=", 1) for part in shown.partition(" ")[2].split(","))
        names = parts["SignedHeaders"].split(";")
        headers = "".join(f"{name}:{request.headers[name]}\n" for name in names)
        digest = hashlib.sha256(body).hexdigest()
        text = "\n".join(("POST", request.path, "", headers, ";".join(names), digest))
        scope = parts["Credential"].partition("/")[2]
        return parts["Signature"] == signed(HIDDEN, scope, request.headers["x-amz-date"], text)


@asynccontextmanager
async def sts() -> AsyncIterator[Sts]:
    found = Sts()
    runner = web.ServerRunner(web.Server(found.answer))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        yield found
    finally:
        await runner.cleanup()
