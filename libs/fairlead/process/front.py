"""The probes and metrics of a service that is several processes, asked of each and answered as one.

Invariant: alive is who has all its processes alive, and ready who has all of them ready; one that does not
answer in time is neither.
"""

import asyncio
import socket
from collections.abc import Mapping

import aiohttp
import structlog
from aiohttp import web

from fairlead.metrics import CONTENT_TYPE
from fairlead.metrics.merged import merged
from fairlead.process.run import Stop

log = structlog.get_logger(__name__)

ANSWER_WITHIN = 3.0
"""Seconds for a probe of one process."""
METRICS_WITHIN = 30.0
Answered = tuple[int, bytes]


def listening() -> socket.socket:
    """A socket of this machine alone that a process serves its own probes on, in each life of it."""
    return socket.create_server(("127.0.0.1", 0))


class Front:
    """Asks the processes, by their names, at the sockets they listen on."""

    def __init__(self, sockets: Mapping[str, socket.socket]) -> None:
        self._urls = {name: f"http://127.0.0.1:{it.getsockname()[1]}" for name, it in sockets.items()}

    async def serve(self, stop: Stop, *, address: str, port: int) -> None:
        """Answer until `stop`."""
        async with aiohttp.ClientSession(trust_env=False) as http:

            async def probe(request: web.Request) -> web.Response:
                found = await self._asked(http, request.path, ANSWER_WITHIN)
                bad = [
                    f"{name}: {text.decode(errors='replace')}"
                    for name, (code, text) in found.items()
                    if code != 200
                ]
                return web.Response(text="; ".join(bad) or "ok", status=503 if bad else 200)

            async def metrics(request: web.Request) -> web.Response:
                found = await self._asked(http, request.path, METRICS_WITHIN)
                texts = [text for code, text in found.values() if code == 200]
                body = await asyncio.to_thread(merged, texts)
                return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})

            app = web.Application()
            app.router.add_get("/healthz", probe)
            app.router.add_get("/readyz", probe)
            app.router.add_get("/metrics", metrics)
            runner = web.AppRunner(app, access_log=None)
            await runner.setup()
            try:
                await web.TCPSite(runner, address, port).start()
                await stop.wait()
            finally:
                await runner.cleanup()

    async def _asked(self, http: aiohttp.ClientSession, path: str, seconds: float) -> dict[str, Answered]:
        """What each process answers."""
        asked = [self._one(http, url + path, seconds) for url in self._urls.values()]
        return dict(zip(self._urls, await asyncio.gather(*asked), strict=True))

    async def _one(self, http: aiohttp.ClientSession, url: str, seconds: float) -> Answered:
        timeout = aiohttp.ClientTimeout(total=seconds)
        try:
            async with http.get(url, timeout=timeout) as answer:
                return answer.status, await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return 0, (str(error) or "no answer").encode()
