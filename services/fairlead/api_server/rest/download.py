"""Logs as a file: `download=true` (contract 14, log entries)."""

import re
from typing import Any

import msgspec

from fairlead.api_server.encoded import json_of
from fairlead.api_server.operations.refusal import RefusalError
from fairlead.api_server.rest.question import Question
from fairlead.api_server.rest.writer import Writer

LOGS = "/application.ApplicationService/PodLogs"
CONTENT = "application/octet-stream"
_ODD = re.compile(r"[^\w.-]")


def is_download(asked: Question, rpc: str) -> bool:
    """Whether a stream is wanted as a file."""
    return rpc == LOGS and asked.query.get("download") == "true"


class Download(Writer):
    """Writes the lines of a log, and nothing else."""

    @property
    def headers(self) -> dict[str, str]:
        """What is said of the file."""
        query = self._asked.query
        pod = self._asked.match_info.get("podName") or query.get("podName", "")
        name = "-".join((query.get("namespace", ""), pod, query.get("container", "")))
        return {
            "Content-Type": CONTENT,
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment;filename="{_ODD.sub("_", name)[:200]}.log"',
        }

    async def result(self, item: Any) -> None:
        """Send one line; the entry that says that it is the last has none."""
        entry = msgspec.json.decode(json_of(item))
        if not entry.get("last"):
            await self._outlet.write(f"{entry.get('content', '')}\n".encode())

    async def beat(self) -> None:
        """A file has nothing to say while it is quiet."""

    async def fail(self, refusal: RefusalError) -> None:
        """A file that is not whole is cut off, so that nobody takes it for one that is."""
        self._outlet.abort()
