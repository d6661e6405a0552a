"""Imports aiohttp without the authorities that its own TLS contexts read at once: 2 MiB and 30 ms of every
start that nobody uses, since whatever services ask over TLS has a context of its own.

The invariant: a client without one verifies as it does everywhere, by the system's authorities; they are read
at its first handshake. A process that has imported aiohttp before is left as it is: services begin with this.
"""

import os
import ssl
import sys
from typing import Any

EMPTY = {"SSL_CERT_FILE": os.devnull, "SSL_CERT_DIR": os.devnull}


class Trusting(ssl.SSLContext):
    """A client's context that reads the system's authorities once it is used."""

    has_authorities = False

    def wrap_bio(self, *given: Any, **more: Any) -> ssl.SSLObject:
        """A connection of an event loop."""
        self._read()
        return super().wrap_bio(*given, **more)

    def wrap_socket(self, *given: Any, **more: Any) -> ssl.SSLSocket:
        """A connection of a thread."""
        self._read()
        return super().wrap_socket(*given, **more)

    def _read(self) -> None:
        if not self.has_authorities:
            self.load_default_certs(ssl.Purpose.SERVER_AUTH)
            self.has_authorities = True


def _import_aiohttp() -> None:
    if "aiohttp" in sys.modules:
        return
    before = {name: os.environ.get(name) for name in EMPTY}
    os.environ.update(EMPTY)
    try:
        from aiohttp import connector  # noqa: PLC0415 - the import is the purpose
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
    connector._SSL_CONTEXT_VERIFIED = _like(connector._SSL_CONTEXT_VERIFIED)


def _like(made: ssl.SSLContext) -> Trusting:
    """The same as aiohttp's own, which trusts nobody."""
    context = Trusting(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags = made.verify_flags
    context.set_alpn_protocols(("http/1.1",))
    return context


_import_aiohttp()
