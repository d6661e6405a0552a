"""A client of server-sent events, which knows as much of them as a browser does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec

from tests.integration.api_server.conftest import Door

Row = dict[str, Any]


class EventStream:
    """An open stream. `last` is the id that a browser would come back with."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response
        self.last = ""
        self.comments = 0

    async def next(self) -> dict[str, Any]:
        """The data of the next event."""
        found, name = b"", ""
        while True:
            line = await self.response.content.readline()
            if not line:
                raise EOFError("the stream ended")
            if line.startswith(b":"):
                self.comments += 1
            elif line.startswith(b"id: "):
                name = line[4:-1].decode()
            elif line.startswith(b"data: "):
                found += line[6:-1]
            elif line == b"\n" and found:
                self.last = name or self.last
                return dict(msgspec.json.decode(found))


@asynccontextmanager
async def following(
    door: Door, path: str, *, last: str = "", **query: str | list[str]
) -> AsyncIterator[EventStream]:
    """A stream that was let begin."""
    headers = {"Authorization": f"Bearer {door.token}", "Accept": "text/event-stream"}
    if last:
        headers["Last-Event-ID"] = last
    timeout = aiohttp.ClientTimeout(total=None)
    async with door.http.get(door.url + path, headers=headers, params=query, timeout=timeout) as response:
        assert response.status == 200, await response.text()
        assert response.headers["Content-Type"] == "text/event-stream"
        yield EventStream(response)


class WindowClient:
    """What a client of a window has, doing as the documentation says."""

    def __init__(self, stream: EventStream, rows: list[Row] | None = None) -> None:
        self._stream = stream
        self.rows = rows or []
        self.total = -1
        self.facets: dict[str, Any] = {}
        self.types: list[str] = []
        self.taken = 0

    @property
    def names(self) -> list[str]:
        """The applications, in order."""
        return [row["name"] for row in self.rows]

    async def take(self) -> None:
        """Take one event."""
        event = await self._stream.next()
        self.types.append(event["type"])
        self.total = event["total"]
        self.facets |= event.get("facets", {})
        if event["type"] == "WINDOW":
            self.rows = event.get("items", [])
            return
        self.rows = [row for row in self.rows if row["key"] not in event.get("removed", ())]
        for placed in event.get("rows", ()):
            at, item = placed["at"], placed["item"]
            self.taken += 1
            if at < len(self.rows) and self.rows[at]["key"] == item["key"]:
                self.rows[at] = item
            else:
                self.rows.insert(at, item)
