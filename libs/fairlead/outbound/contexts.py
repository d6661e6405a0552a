"""With which TLS a host is met: who vouches for it, and which certificate we show it.

Invariant: a context with a client's certificate is used for whom that credential is for and nobody else.
"""

from __future__ import annotations

import ssl
from collections import OrderedDict
from hashlib import sha256
from typing import Protocol

from fairlead.outbound.errors import OutboundInvalidError
from fairlead.outbound.memory_file import memory_file
from fairlead.outbound.trust import Trust

MOST = 128
"""Contexts that are kept, about 60 KiB each with the system's authorities."""


class Shown(Protocol):
    """What of a credential is shown when a connection is made."""

    @property
    def client_certificate(self) -> str:
        """PEM, "" for none."""

    @property
    def client_key(self) -> str:
        """PEM."""

    @property
    def insecure(self) -> bool:
        """Whether any certificate is taken."""

    @property
    def authorities(self) -> str:
        """Certificates that are believed beside those for the host, PEM; "" for none."""


class Contexts:
    """Made once for each pair of authorities and client certificate."""

    def __init__(self, trust: Trust | None = None) -> None:
        self._trust = trust
        self._made: OrderedDict[bytes, ssl.SSLContext] = OrderedDict()

    def of(self, url: str, shown: Shown) -> ssl.SSLContext | bool:
        """What aiohttp takes for `ssl`.

        Raises:
            OutboundInvalidError: the authorities or the client's certificate cannot be read.
        """
        try:
            if not shown.client_certificate or not shown.client_key:
                return self._plain(url, shown)
            return self._kept(url, shown)
        except (ssl.SSLError, ValueError) as error:
            what = "client certificate" if shown.client_certificate else "certificates declared for its host"
            why = getattr(error, "reason", None) or "it is no PEM"
            raise OutboundInvalidError(f"the {what} cannot be used: {why}") from None

    def to_proxy(self, proxy: str) -> ssl.SSLContext:
        """For an encrypted proxy, which is believed as its own host is. Raises ssl.SSLError, ValueError."""
        found = self._trust.context(proxy) if self._trust is not None else True
        return found if isinstance(found, ssl.SSLContext) else ssl.create_default_context()

    def _plain(self, url: str, shown: Shown) -> ssl.SSLContext | bool:
        if shown.insecure:
            return False
        if shown.authorities:
            return self._kept(url, shown)
        return self._trust.context(url) if self._trust is not None else True

    def _kept(self, url: str, shown: Shown) -> ssl.SSLContext:
        authorities = self._trust.authorities(url) if self._trust is not None else ""
        proof = (shown.client_certificate, shown.client_key)
        texts = (authorities, *proof, str(shown.insecure), shown.authorities)
        key = sha256("\0".join(texts).encode()).digest()
        made = self._made.pop(key, None) or _made(authorities, shown)
        self._made[key] = made
        if len(self._made) > MOST:
            self._made.popitem(last=False)
        return made


def _made(authorities: str, shown: Shown) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=authorities or None)
    if shown.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if shown.authorities:
        context.load_verify_locations(cadata=shown.authorities)
    if not shown.client_certificate:
        return context
    with memory_file(shown.client_certificate) as (certificate, _), memory_file(shown.client_key) as (key, _):
        context.load_cert_chain(certificate, key, password=lambda: "")
    return context
