"""NATS of somebody's: the message on a subject, which is the recipient."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

from fairlead.bus import BusError, BusUnavailableError
from fairlead.bus.elsewhere import Elsewhere, RefusedElsewhereError, publish_elsewhere
from fairlead.notices.senders.fields import digest, required, texts
from fairlead.notices.senders.sender import DeliveryError, Message, OptionError
from fairlead.outbound import Outbound, OutboundError, OutboundTransientError
from fairlead.secret import Secret

PORT = 4222
MOST_ADDRESSES = 3
"""Of one host that are tried."""
_Server = tuple[str, str, int, str, str]
"""Scheme, host, port, user and password."""
_SCHEMES = ("nats", "tls")
_SUBJECT = re.compile(r"[^\s.*>\x00-\x20\x7f]+(\.[^\s.*>\x00-\x20\x7f]+)*")
_HEADER = re.compile(r"[!-9;-~]+")


class NatsOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Servers, of which the first that answers is told, and who we are there."""

    url: Secret = Secret("")
    headers: dict[str, Any] = {}
    nkey: Secret = Secret("")
    username: str = ""
    password: Secret = Secret("")


class Nats:
    """Publishes to one cluster."""

    def __init__(self, outbound: Outbound, options: NatsOptions) -> None:
        required("nats", url=options.url)
        self._outbound = outbound
        self._options = options
        try:
            self._headers = texts("headers", options.headers)
        except DeliveryError as error:
            raise OptionError(f"service nats: {error.words}") from None
        if not all(_HEADER.fullmatch(name) and value.isprintable() for name, value in self._headers.items()):
            raise OptionError("service nats: headers has a name or value that no header has")
        self._servers = [_server(url) for url in options.url.reveal().split(",") if url.strip()]

    async def send(self, message: Message, recipient: str, *, dedupe: str) -> None:
        """To a subject; streams of JetStream take what has the same id once."""
        if not _SUBJECT.fullmatch(recipient) or len(recipient) > 255:
            raise DeliveryError(f"the recipient {recipient[:100]!r} is no subject", may_pass=False)
        headers = {"Nats-Msg-Id": digest(dedupe, recipient), **self._headers}
        failure = DeliveryError("there is no server", may_pass=False)
        for server in self._servers:
            try:
                await self._publish(server, recipient, message.text.encode(), headers)
            except BusUnavailableError as error:
                failure = DeliveryError(f"could not reach {server[1]}: {error}", may_pass=True)
            except RefusedElsewhereError as error:
                raise DeliveryError(f"{server[1]} refuses: {error}", may_pass=False) from None
            except BusError as error:
                failure = DeliveryError(f"{server[1]}: {error}", may_pass=True)
            except OutboundError as error:
                failure = DeliveryError(str(error), may_pass=isinstance(error, OutboundTransientError))
            else:
                return
        raise failure

    async def _publish(
        self, server: _Server, subject: str, payload: bytes, headers: Mapping[str, str]
    ) -> None:
        """At the first of a server's addresses that is there."""
        targets = await self._targets(server)
        for target in targets[:-1]:
            try:
                await publish_elsewhere(target, subject, payload, headers)
            except BusUnavailableError:
                continue
            return
        await publish_elsewhere(targets[-1], subject, payload, headers)

    async def _targets(self, server: _Server) -> list[Elsewhere]:
        """The addresses of a server, checked."""
        scheme, host, port, user, password = server
        addresses = await self._outbound.addresses(host, port)
        return [
            Elsewhere(
                address=address,
                port=port,
                host=host,
                tls=self._outbound.tls(host),
                must_encrypt=scheme == "tls",
                user=self._options.username or user,
                password=self._options.password.reveal() or password,
                nkey=self._options.nkey.reveal(),
            )
            for address in addresses[:MOST_ADDRESSES]
        ]


def _server(url: str) -> _Server:
    """Raises OptionError."""
    text = url.strip()
    try:
        parts = urlsplit(text if "://" in text else f"nats://{text}")
        host, port = parts.hostname or "", parts.port or PORT
    except ValueError:
        host, port = "", 0
    if not host or parts.scheme not in _SCHEMES:
        raise OptionError("service nats: url is no address such as nats://nats.example.com:4222")
    return parts.scheme, host, port, unquote(parts.username or ""), unquote(parts.password or "")
