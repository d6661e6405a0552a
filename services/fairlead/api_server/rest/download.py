"""Logs as a file: `download=true` (contract 14, log entries)."""

import re
from typing import Any

import msgspec
from aiohttp import web

from fairlead.api_server.encoded import json_of
from fairlead.api_server.operations.refusal import RefusalError
from fairlead.api_server.rest.writer import Writer

LOGS = "/application.ApplicationService/PodLogs"
CONTENT = "application/octet-stream"
_ODD = re.compile(r"[^\w.-]")


def is_download(request: web.Request, rpc: str) -> bool:
    """Whether a stream is wanted as a file."""
    return rpc == LOGS and request.query.get("download") == "true"


class Download(Writer):
    """Writes the lines of a log, and nothing else."""

    def __init__(self, request: web.Request) -> None:
        super().__init__(request)
        query = request.query
        pod = request.match_info.get("podName") or query.get("podName", "")
        name = "-".join((query.get("namespace", ""), pod, query.get("container", "")))
        self.response = web.StreamResponse(
            headers={
                "Content-Type": CONTENT,
                "Cache-Control": "no-store",
                "Content-Disposition": f'attachment;filename="{_ODD.sub("_", name)[:200]}.log"',
            }
        )

    async def result(self, item: Any) -> None:
        """Send one line; the entry that says that it is the last has none."""
        entry = msgspec.json.decode(json_of(item))
        if not entry.get("last"):
            await self.response.write(f"{entry.get('content', '')}\n".encode())

    async def beat(self) -> None:
        """A file has nothing to say while it is quiet."""

    async def fail(self, refusal: RefusalError) -> None:
        """A file that is not whole is cut off, so that nobody takes it for one that is."""
        transport = self.request.transport
        if transport is not None:
            transport.abort()
