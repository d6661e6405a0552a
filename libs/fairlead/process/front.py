"""The probes and metrics of a service that is several processes, asked of each and answered as one.

Invariant: alive is who has any process that is alive, since to end it would end those that are well; one that
is silent is ended by itself. Ready is who has all of them ready; one that does not answer in time is not.
"""

import asyncio
import socket
import time
from collections.abc import Callable, Mapping
from typing import NoReturn

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
LOOK_EVERY = 20.0
"""Seconds between looks at whether each process answers."""
SILENT = 60.0
"""Seconds without an answer after which a process is complained about."""
ALIVE = "/healthz"
UP = "fairlead_process_up"
Answered = tuple[int, bytes]


def listening() -> socket.socket:
    """A socket of this machine alone that a process serves its own probes on, in each life of it."""
    return socket.create_server(("127.0.0.1", 0))


class Front:
    """Asks the processes, by their names, at the sockets they listen on; `complain` is told who is silent."""

    def __init__(
        self,
        sockets: Mapping[str, socket.socket],
        complain: Callable[[str], None],
        *,
        every: float = LOOK_EVERY,
        silent: float = SILENT,
        within: float = ANSWER_WITHIN,
    ) -> None:
        self._complain = complain
        self._every, self._silent, self._within = every, silent, within
        self._urls = {name: f"http://127.0.0.1:{it.getsockname()[1]}" for name, it in sockets.items()}

    async def serve(self, stop: Stop, *, address: str, port: int) -> None:
        """Answer until `stop`."""
        async with aiohttp.ClientSession(trust_env=False) as http:

            async def alive(request: web.Request) -> web.Response:
                found = await self._asked(http, request.path)
                bad = _bad(found)
                return web.Response(text=bad or "ok", status=200 if _up(found) else 503)

            async def ready(request: web.Request) -> web.Response:
                bad = _bad(await self._asked(http, request.path))
                return web.Response(text=bad or "ok", status=503 if bad else 200)

            async def metrics(request: web.Request) -> web.Response:
                found = await self._exposing(http, request.path)
                texts = [text for code, text in found.values() if code == 200] + [_exposed(found)]
                body = await asyncio.to_thread(merged, texts)
                return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})

            app = web.Application()
            app.router.add_get(ALIVE, alive)
            app.router.add_get("/readyz", ready)
            app.router.add_get("/metrics", metrics)
            runner = web.AppRunner(app, access_log=None)
            await runner.setup()
            watching = asyncio.create_task(self._watch(http))
            try:
                await web.TCPSite(runner, address, port).start()
                await stop.wait()
            finally:
                watching.cancel()
                await runner.cleanup()

    async def _watch(self, http: aiohttp.ClientSession) -> NoReturn:
        """Complain about who is silent, as long as that lasts."""
        heard = dict.fromkeys(self._urls, time.monotonic())
        while True:
            await asyncio.sleep(self._every)
            found, moment = await self._asked(http, ALIVE), time.monotonic()
            heard |= dict.fromkeys(_up(found), moment)
            for name, since in heard.items():
                if moment - since > self._silent:
                    self._complain(name)

    async def _asked(self, http: aiohttp.ClientSession, path: str) -> dict[str, Answered]:
        """What each process answers."""
        asked = [self._one(http, url + path, self._within) for url in self._urls.values()]
        return dict(zip(self._urls, await asyncio.gather(*asked), strict=True))

    async def _exposing(self, http: aiohttp.ClientSession, path: str) -> dict[str, Answered]:
        """What each process exposes, that answers at all: who does not holds up nobody's metrics for long."""
        found = await self._asked(http, ALIVE)
        up = _up(found)
        asked = [self._one(http, self._urls[name] + path, METRICS_WITHIN) for name in up]
        return {**found, **dict(zip(up, await asyncio.gather(*asked), strict=True))}

    async def _one(self, http: aiohttp.ClientSession, url: str, seconds: float) -> Answered:
        timeout = aiohttp.ClientTimeout(total=seconds)
        try:
            async with http.get(url, timeout=timeout) as answer:
                return answer.status, await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return 0, (str(error) or "no answer").encode()


def _up(found: Mapping[str, Answered]) -> list[str]:
    return [name for name, (code, _) in found.items() if code == 200]


def _bad(found: Mapping[str, Answered]) -> str:
    """Who did not answer well, and what, "" for nobody."""
    return "; ".join(
        f"{name}: {text.decode(errors='replace')}" for name, (code, text) in found.items() if code != 200
    )


def _exposed(found: Mapping[str, Answered]) -> bytes:
    """Which processes answer, as Prometheus reads it."""
    up = _up(found)
    lines = [f"# HELP {UP} Whether a process of several answers.", f"# TYPE {UP} gauge"]
    lines += [f'{UP}{{part="{name}"}} {int(name in up)}' for name in found]
    return ("\n".join(lines) + "\n").encode()
