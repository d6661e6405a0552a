"""Finding out, before a password is sent, whether a server speaks TLS and is who it says it is."""

import ssl
from http.client import HTTPException

import msgspec

from fairlead.cli import prompt
from fairlead.cli.client.line import line_to
from fairlead.cli.client.server import Server
from fairlead.cli.errors import EndedError, UnreachableError


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
    except (OSError, HTTPException, UnicodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UnreachableError(
            f"cannot talk to {server.address}: {why}; check the address and that the server runs"
        ) from error
    return server


def _shake(server: Server) -> None:
    line = line_to(server)
    try:
        line.connect()
    finally:
        line.close()


def _require(question: str, what: str) -> None:
    if not prompt.confirm(question, what):
        raise EndedError(1)
