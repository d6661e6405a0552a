"""What is asked and what is answered, whatever protocol carries it."""

from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

import msgspec

JSON = "application/json"


class Asked(NamedTuple):
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes = b""
    accept: str = ""
    content_type: str = ""
    etag: str = ""

    @property
    def wants_metadata(self) -> bool:
        """Whether objects are to be told as their metadata alone."""
        return "as=PartialObjectMetadata" in self.accept


class Reply(NamedTuple):
    """One answer that is whole."""

    status: int
    body: bytes
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()


class Streamed(NamedTuple):
    """One answer that has no end: `begin` is told where to write and how to end, and answers how to stop."""

    begin: Callable[[Callable[[bytes], None], Callable[[], None]], Callable[[], None]]


class RefusedError(Exception):
    """An answer that is no success."""

    def __init__(self, code: int, reason: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code, self.reason, self.message, self.details = code, reason, message, details

    @property
    def status(self) -> dict[str, Any]:
        """As Kubernetes says it."""
        return {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
            **({"details": self.details} if self.details else {}),
            "code": self.code,
        }

    @property
    def reply(self) -> Reply:
        """As an answer."""
        return Reply(self.code, msgspec.json.encode(self.status))


def asked(method: str, target: str, headers: dict[str, str], body: bytes) -> Asked:
    """A request of its parts; the names of headers are small letters."""
    path, _, query = target.partition("?")
    return Asked(
        method,
        unquote(path) if "%" in path else path,
        dict(parse_qsl(query, keep_blank_values=True)) if query else {},
        body,
        headers.get("accept", ""),
        headers.get("content-type", ""),
        headers.get("if-none-match", ""),
    )
