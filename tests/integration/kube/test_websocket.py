"""WebSockets to a cluster go where they were sent, and nowhere else."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import WSMsgType, web

from fairlead.kube.connection import Connection
from fairlead.kube.errors import KubeError
from fairlead.kube.rest import KubeClient
from fairlead.local.ports import LOOPBACK


class Server:
    """Speaks at `/echo`, and sends who comes to `/away` to another path."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    async def echo(self, request: web.Request) -> web.WebSocketResponse:
        self.paths.append(request.path)
        line = web.WebSocketResponse(protocols=("one",))
        await line.prepare(request)
        await line.send_str(request.headers.get("Authorization", ""))
        await line.close()
        return line

    async def away(self, request: web.Request) -> web.Response:
        self.paths.append(request.path)
        raise web.HTTPTemporaryRedirect("/echo")


@pytest_asyncio.fixture
async def listening() -> AsyncIterator[tuple[Server, str]]:
    server, app = Server(), web.Application()
    app.router.add_get("/echo", server.echo)
    app.router.add_get("/away", server.away)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, LOOPBACK, 0)
    await site.start()
    try:
        yield server, f"http://{LOOPBACK}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_a_websocket_follows_no_redirect(listening: tuple[Server, str]) -> None:
    """A cluster that is not ours would send us, with our certificate, to wherever it likes."""
    server, address = listening
    async with KubeClient(Connection(server=address, token="t")) as client:
        with pytest.raises(KubeError) as caught:
            await client.websocket("/away", ("one",))
        assert caught.value.status == 307
        assert server.paths == ["/away"]
        line = await client.websocket("/echo", ("one",))
        message = await line.receive()
        assert (message.type, message.data) == (WSMsgType.TEXT, "Bearer t")
        await line.close()
