"""Finding out, before a password is sent, whether a server speaks TLS and is who it says it is."""

import socket
import ssl

import msgspec

from fairlead.cli import prompt
from fairlead.cli.client.server import Server, tls
from fairlead.cli.errors import EndedError, UnreachableError

SECONDS = 10.0
"""Bound of each attempt."""


def settled(server: Server) -> Server:
    """The server as it can be spoken to, after asking whether that is acceptable.

    Raises UnreachableError when nothing listens, EndedError when the person declines.
    """
    if server.plaintext:
        return server
    try:
        _shake(server)
    except ssl.SSLCertVerificationError as error:
        question = (
            f"WARNING: server certificate had error: {error.verify_message}. Proceed insecurely (y/n)? "
        )
        _require(question, "--insecure, or --server-crt FILE")
        return msgspec.structs.replace(server, insecure=True)
    except (ssl.SSLError, ConnectionResetError):
        _require("WARNING: server is not configured with TLS. Proceed (y/n)? ", "--plaintext")
        return msgspec.structs.replace(server, plaintext=True)
    except OSError as error:
        why = error.strerror or str(error)
        raise UnreachableError(
            f"cannot talk to {server.address}: {why}; check the address and that the server runs"
        ) from error
    return server


def _shake(server: Server) -> None:
    with (
        socket.create_connection((server.host, server.port), timeout=SECONDS) as raw,
        tls(server).wrap_socket(raw, server_hostname=server.host),
    ):
        pass


def _require(question: str, what: str) -> None:
    if not prompt.confirm(question, what):
        raise EndedError(1)
