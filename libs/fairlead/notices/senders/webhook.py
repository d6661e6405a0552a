"""Any address that takes an HTTP request: the template says method, path and body.

Invariant: whether it is tried again at once is the service's configuration; a redirect counts as taken only
where it leads from a request that was carried out to a page of the same server.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import msgspec

from fairlead.notices.senders.asking import Asker, Reply, asked_wait, redirected, refusal
from fairlead.notices.senders.fields import BasicAuth, Transport, base_address, digest
from fairlead.notices.senders.sender import DeliveryError, Message, OptionError
from fairlead.notices.senders.shapes import block_of
from fairlead.secret import Secret

WAIT_MIN, WAIT_MAX, RETRIES = 1.0, 5.0, 3
"""Seconds and times, when nothing else is configured."""
MOST_RETRIES = 10
"""Times that are waited for here; who delivers tries again afterwards."""
LONGEST_WAIT = 30.0
"""Seconds between two tries; who asks for more is left to who delivers."""
_NANO = 1e9
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """A header of every request."""

    name: str
    value: Secret = Secret("")


class WebhookOptions(Transport, frozen=True, kw_only=True, rename="camel"):
    """Times are nanoseconds, as Go's durations in JSON. The address may hold a secret."""

    url: Secret = Secret("")
    headers: list[Header] = msgspec.field(default_factory=list)
    basic_auth: BasicAuth | None = None
    retry_wait_min: float | str = 0
    retry_wait_max: float | str = 0
    retry_max: int = 0


class WebhookBlock(msgspec.Struct, frozen=True, kw_only=True):
    """What a template says for one webhook."""

    method: str = ""
    path: str = ""
    body: str = ""


class Webhook:
    """Sends to one address."""

    def __init__(
        self,
        asker: Asker,
        options: WebhookOptions,
        service: str,
        sleep: Callable[[float], Any] = asyncio.sleep,
    ) -> None:
        self._asker = asker
        self._service = service
        self._sleep = sleep
        self._url = options.url.reveal().strip()
        base_address("webhook", "url", self._url)
        self._headers = _headers(options)
        shortest = _seconds("retryWaitMin", options.retry_wait_min) or WAIT_MIN
        longest = _seconds("retryWaitMax", options.retry_wait_max) or WAIT_MAX
        self._waits = (min(shortest, LONGEST_WAIT), min(max(shortest, longest), LONGEST_WAIT))
        if options.retry_max < 0:
            raise OptionError("service webhook: retryMax is less than 0")
        self._retries = min(options.retry_max or RETRIES, MOST_RETRIES)

    async def send(self, message: Message, recipient: str, *, dedupe: str) -> None:
        """To the address; the recipient is only in the template's variables."""
        method, url, body = self._request(message)
        headers = {"Idempotency-Key": digest(dedupe, recipient), **self._headers}
        for tried in range(self._retries + 1):
            try:
                follow = method in ("GET", "HEAD")
                reply = await self._asker.ask(method, url, body=body, headers=headers, follow=follow)
                if reply.is_fine or _is_carried_out(method, url, reply):
                    return
                failure = refusal(reply)
                wait = asked_wait(reply) if "Retry-After" in reply.headers else None
            except DeliveryError as error:
                failure, wait = error, None
            wait = min(self._waits[0] * 2**tried, self._waits[1]) if wait is None else wait
            if not failure.may_pass or tried == self._retries or wait > LONGEST_WAIT:
                raise failure
            await self._sleep(wait)

    def _request(self, message: Message) -> tuple[str, str, bytes]:
        webhooks = message.blocks.get("webhook")
        found = webhooks.get(self._service) if isinstance(webhooks, dict) else None
        if found is None:
            return "GET", self._url, message.text.encode()
        block = block_of(f"webhook.{self._service}", WebhookBlock, found)
        method = (block.method or "GET").upper()
        if method not in _METHODS:
            known = ", ".join(sorted(_METHODS))
            raise DeliveryError(f"webhook.{self._service}.method is none of {known}", may_pass=False)
        path = block.path.strip()
        url = f"{self._url.rstrip('/')}/{path.lstrip('/')}" if path else self._url
        if urlsplit(url)[:2] != urlsplit(self._url)[:2]:
            raise DeliveryError(f"webhook.{self._service}.path leads to another host", may_pass=False)
        return method, url, (block.body or message.text).encode()


def _is_carried_out(method: str, url: str, reply: Reply) -> bool:
    """Whether a redirect only tells where the result of the request is seen."""
    target, asked = redirected(url, reply), urlsplit(url)
    if method in ("GET", "HEAD") or target is None or "Location" not in reply.headers:
        return False
    if reply.status == 303:
        return True
    return reply.status == 302 and target[:2] == asked[:2] and target.path != asked.path


def _headers(options: WebhookOptions) -> dict[str, str]:
    found: dict[str, str] = {}
    for header in options.headers:
        value = header.value.reveal()
        if not header.name or not header.name.isascii() or not _is_line(header.name + value):
            raise OptionError("service webhook: headers has a name or value that no header has")
        found[header.name] = value
    if options.basic_auth is not None:
        found = {name: value for name, value in found.items() if name.lower() != "authorization"}
        found["Authorization"] = options.basic_auth.header()
    return found


def _is_line(text: str) -> bool:
    return not any(ord(character) < 32 or ord(character) == 127 for character in text)


def _seconds(field: str, value: float | str) -> float:
    """Nanoseconds as seconds; a span that is written as Go writes it is taken too."""
    if isinstance(value, str):
        units = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}
        for unit in ("ns", "us", "ms", "s", "m"):
            if value.endswith(unit):
                try:
                    return float(value.removesuffix(unit)) * units[unit]
                except ValueError:
                    break
        raise OptionError(f"service webhook: {field} has to be nanoseconds as a number, such as 1000000000")
    if not 0 <= value < 1e18:
        raise OptionError(f"service webhook: {field} has to be nanoseconds as a number, such as 1000000000")
    return value / _NANO
