"""A connection whose heads are bounded as a whole: aiohttp bounds a header and how many there are, which
together would be megabytes for each stranger.

The invariant: a connection holds no more than MAX_HEAD bytes of a request of which it is not known yet what
it asks, and no more than WAITING requests behind the one that is answered.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import StreamReader, web

from fairlead.api_server.rest.root import below
from fairlead.api_server.strangers import Strangers
from fairlead.metrics import Counter

MAX_HEAD = 64 << 10
"""Bytes of a request line and all headers; the longest session that browsers keep has about 40 KiB."""
MAX_HEADERS = 64
WAITING = 2

CUT = Counter("fairlead_api_heads_cut", "Connections closed for the size of a request's head")


class Connection(web.RequestHandler):
    """Counts what arrives while no body does; `left` is set when it has ended."""

    __slots__ = ("_body", "_head", "_strangers", "left")

    def __init__(self, manager: web.Server, strangers: Strangers | None, **settings: Any) -> None:
        super().__init__(manager, **settings)
        self._strangers = strangers
        self._max_msg_queue_size, self._msg_queue_resume_size = WAITING, 1
        self._body: StreamReader | None = None
        self._head = 0
        self.left = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        """Take bytes; too many without a request end the connection."""
        known = len(self._messages)
        is_head = self._payload_parser is None and (self._body is None or self._body.is_eof())
        self._head = self._head + len(data) if is_head else 0
        super().data_received(data)
        if len(self._messages) > known:
            self._body, self._head = self._messages[-1][1], 0
        elif self._head > MAX_HEAD:
            CUT.inc()
            self.force_close()

    def connection_lost(self, exc: BaseException | None) -> None:
        """End."""
        self.left.set()
        self.is_known()
        super().connection_lost(exc)

    def is_known(self) -> None:
        """It is a stranger's no longer."""
        if self._strangers is not None:
            self._strangers.left(self.transport)


def is_known(request: web.BaseRequest) -> None:
    """Who sent a request is known, and so is the connection it came on."""
    if isinstance(request.protocol, Connection):
        request.protocol.is_known()


def left(request: web.BaseRequest) -> asyncio.Event | None:
    """What is set when the connection of a request has ended."""
    return request.protocol.left if isinstance(request.protocol, Connection) else None


class Server(web.Server):
    """Makes such connections."""

    def __init__(self, handler: Any, *, strangers: Strangers | None = None, **settings: Any) -> None:
        super().__init__(handler, **settings)
        self._strangers = strangers

    def __call__(self) -> web.RequestHandler:
        """The handler of a new connection."""
        return Connection(self, self._strangers, loop=self._loop, **self._kwargs)


Answers = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Runner(web.AppRunner):
    """Runs an application on such a server, below a root path.

    `doors` answer POSTs to exactly their paths, without what routes and middlewares cost.
    """

    def __init__(
        self,
        app: web.Application,
        *,
        root: str = "",
        doors: Mapping[str, Answers],
        strangers: Strangers | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(app, **settings)
        self._root = root
        self._doors = doors
        self._strangers = strangers

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        loop = asyncio.get_running_loop()
        factory = below(made.request_factory, self._root)
        return Server(
            _with_doors(made.request_handler, self._doors),
            strangers=self._strangers,
            request_factory=factory,
            loop=loop,
            **made._kwargs,
        )


def _with_doors(handler: Answers, doors: Mapping[str, Answers]) -> Answers:
    def answered(request: web.BaseRequest) -> Awaitable[web.StreamResponse]:
        door = doors.get(request.raw_path)
        if door is not None and request.method == "POST" and "Expect" not in request.headers:
            return door(request)
        return handler(request)

    return answered
