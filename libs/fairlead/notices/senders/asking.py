"""One request of a service, with its answer or the words on why there is none.

Invariant: a redirect of what is sent is not followed: what was told one host is told no other, and no
message gets lost in a request that a redirect turned into another. Waiting that a service asks for is told
on, not slept for: it holds up one destination and not all that share a host.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import msgspec

from fairlead.notices.senders.sender import DeliveryError
from fairlead.outbound import Answer, Anybody, Outbound, OutboundError, OutboundTransientError
from fairlead.outbound.budgets import wait_of

DEADLINE = 30.0
"""Seconds a request may take."""
BODY = 5.0
"""Seconds of it in which the answer's body is read."""
LIMIT = 64 << 10
"""Bytes of an answer that are read; the rest is nobody's business."""
JSON = "application/json"
_ANY = frozenset(range(200, 600))
_TRANSIENT = frozenset({408, 425, 429})
_SAYS = ("message", "error_description", "error", "errors", "description", "detail", "title")
_MOST_SAID = 240
"""Characters of a service's own explanation."""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What a service answered; `host` is who. Headers are found in whatever case of letters, and the body may
    be cut off: the status tells what became of the message."""

    host: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_fine(self) -> bool:
        """Whether the status says that it was taken."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON, None when it is none."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None

    def mapping(self) -> dict[str, Any]:
        """The JSON object of the body, {} when it is none."""
        found = self.json()
        return found if isinstance(found, dict) else {}


class Asker:
    """Asks for one service."""

    def __init__(self, outbound: Outbound, *, insecure: bool = False) -> None:
        self.outbound = outbound
        self._way = Anybody(insecure=insecure)

    async def ask(
        self,
        method: str,
        url: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        deadline: float = DEADLINE,
        follow: bool = False,
    ) -> Reply:
        """The answer, whatever its status; redirects are followed with `follow` alone.

        Raises:
            DeliveryError: there is none.
        """
        host = _host(url)
        try:
            async with self.outbound.request(
                method,
                url,
                body=body,
                credential=self._way,
                headers=headers,
                limit=LIMIT,
                deadline=deadline,
                accepts=_ANY,
                follow=follow,
                heed=False,
            ) as answer:
                read = await _read(answer)
                return Reply(host=host, status=answer.status, headers=answer.headers, body=read)
        except OutboundError as error:
            raise DeliveryError(str(error), may_pass=isinstance(error, OutboundTransientError)) from None

    async def post(self, url: str, value: object, headers: Mapping[str, str] | None = None) -> Reply:
        """POST a value as JSON; raises for every status that is not fine."""
        return taken(await self.ask("POST", url, body=encoded(value), headers=as_json(headers)))


async def _read(answer: Answer) -> bytes:
    """What comes of a body within its bounds."""
    read = b""
    with contextlib.suppress(OutboundError, TimeoutError):
        async with asyncio.timeout(BODY):
            async for piece in answer.chunks():
                read += piece
    return read


def encoded(value: object) -> bytes:
    """As JSON."""
    return msgspec.json.encode(value)


def as_json(headers: Mapping[str, str] | None = None) -> dict[str, str]:
    """Headers of a request whose body is JSON."""
    return {"Content-Type": JSON, "Accept": JSON, **(headers or {})}


def bearer(token: str) -> dict[str, str]:
    """The header of a token."""
    return {"Authorization": f"Bearer {token}"}


def taken(reply: Reply) -> Reply:
    """The reply, if its status is fine. Raises DeliveryError with what the service says."""
    if not reply.is_fine:
        raise refusal(reply)
    return reply


def refusal(reply: Reply, said: str = "") -> DeliveryError:
    """What an answer that is no success is."""
    if 300 <= reply.status < 400:
        target = redirected(f"https://{reply.host}/", reply)
        where = f"{target.hostname} by {target.scheme}" if target is not None else "nowhere"
        words = f"{reply.host} redirects ({reply.status}) to {where}, which is not followed"
        return DeliveryError(f"{words}: configure the address itself", may_pass=False)
    said = said or explanation(reply)
    words = f"{reply.host} answered with status {reply.status}{f': {said}' if said else ''}"
    if reply.status in (401, 403):
        words = f"{words}; check the service's credentials"
    may_pass = reply.status in _TRANSIENT or reply.status >= 500
    return DeliveryError(words, may_pass=may_pass, after=asked_wait(reply) if may_pass else None)


def redirected(url: str, reply: Reply) -> SplitResult | None:
    """Where a redirect from an address leads, None when that is no address."""
    try:
        return urlsplit(urljoin(url, reply.headers.get("Location", "")))
    except ValueError:
        return None


def asked_wait(reply: Reply) -> float | None:
    """Seconds that a service asks to be left alone, None when it asks for nothing."""
    return wait_of(reply.status, reply.headers)


def explanation(reply: Reply) -> str:
    """What a service says of its refusal."""
    found = _said(reply.json())
    if not found and reply.headers.get("Content-Type", "").lower().startswith("text/plain"):
        found = reply.body[: 4 * _MOST_SAID].decode("utf-8", "replace")
    return re.sub(r"\s+", " ", found).strip()[:_MOST_SAID]


def _said(found: object, depth: int = 3) -> str:
    if isinstance(found, str):
        return found
    if not depth:
        return ""
    if isinstance(found, list):
        return "; ".join(filter(None, (_said(item, depth - 1) for item in found[:3])))
    if isinstance(found, dict):
        told = [_said(found.get(name), depth - 1) for name in _SAYS]
        return ": ".join(dict.fromkeys(filter(None, told)))
    return ""


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "an address without host"
    except ValueError:
        return "an address that is misspelt"
