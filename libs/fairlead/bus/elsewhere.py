"""One message to a NATS that is not ours: connect, publish, know that the server has it, leave.

Invariant: whoever asked for encryption tells nothing, no password and no message, without it; and nothing is
sent to a server that this one names.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec
import nats.errors

from fairlead.bus.calls import cancellable, until_known
from fairlead.bus.client import Client
from fairlead.bus.errors import BusError, BusUnavailableError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

DEADLINE = 20.0
"""Seconds for all of it."""
STEP = 10
"""Seconds for one answer of the server."""

_SEED = 18 << 3
_WRONG = "the nkey is no seed, such as begins with SU"


class Elsewhere(msgspec.Struct, frozen=True, kw_only=True):
    """A server: the `address` that is connected to, and the `host` that its certificate has to be of.

    With `must_encrypt` a server that offers no encryption is left.
    """

    address: str
    port: int
    host: str
    tls: ssl.SSLContext
    must_encrypt: bool = False
    user: str = ""
    password: str = ""
    nkey: str = ""

    def __repr__(self) -> str:
        return f"Elsewhere({self.host}:{self.port})"


class RefusedElsewhereError(BusError):
    """The server is there and does not take it; asking again changes nothing."""


async def publish_elsewhere(
    server: Elsewhere, subject: str, payload: bytes, headers: Mapping[str, str]
) -> None:
    """Publish, and return when the server has it.

    Raises:
        RefusedElsewhereError: who we are, the subject, or the size is refused.
        BusUnavailableError: it cannot be reached, or does not answer.
    """
    client = _Visitor(server)
    limit = asyncio.timeout(DEADLINE)
    try:
        async with limit:
            await cancellable(client.visit())
            await client.publish(subject, payload, headers=dict(headers) or None)
            await until_known(client, STEP)
    except (nats.errors.Error, OSError, TimeoutError, ValueError) as error:
        raise _failure(client.failure or error) from None
    finally:
        with contextlib.suppress(nats.errors.Error, OSError, TimeoutError):
            async with asyncio.timeout(1):
                await cancellable(client.close())
    if client.failure is not None:
        raise _failure(client.failure)


class _Visitor(Client):
    """A client that stays with one server, and keeps to encryption where it was asked for."""

    def __init__(self, server: Elsewhere) -> None:
        super().__init__()
        self.failure: Exception | None = None
        self._visited = server
        self._is_there = False
        self._key: Ed25519PrivateKey | None = None
        if server.nkey:
            self._key, self._public_nkey = _opened(server.nkey)

    async def visit(self) -> None:
        """Connect, or raise why not."""
        server = self._visited
        place = f"[{server.address}]" if ":" in server.address else server.address
        await self.connect(
            f"nats://{place}:{server.port}",
            name="fairlead-notifications",
            tls=server.tls,
            tls_hostname=server.host,
            user=server.user or None,
            password=server.password or None,
            signature_cb=self._sign if self._key is not None else None,
            allow_reconnect=False,
            connect_timeout=STEP,
            error_cb=self._note,
        )
        self._is_there = True

    async def _note(self, error: Exception) -> None:
        """Raised before we are there, as the library would try for ever."""
        self.failure = error
        if not self._is_there:
            raise error

    def _connect_command(self) -> bytes:
        """What is told of us, once it is known whether anybody else can read it."""
        if self._visited.must_encrypt and not self._server_info.get("tls_required"):
            raise nats.errors.Error("nats: offers no encryption, which tls:// asks for")
        return super()._connect_command()

    def _sign(self, nonce: str) -> bytes:
        if self._key is None:
            raise ValueError("there is no key")
        return base64.b64encode(self._key.sign(nonce.encode()))


def _opened(seed: str) -> tuple[Ed25519PrivateKey, str]:
    """The key of a seed, and its public form (NATS: nkeys). Raises RefusedElsewhereError."""
    # 7 MiB that a process without such a key goes without
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415

    text = seed.strip()
    try:
        raw = base64.b32decode(text + "=" * (-len(text) % 8))
    except (binascii.Error, ValueError):
        raise RefusedElsewhereError(_WRONG) from None
    body, check = raw[:-2], raw[-2:]
    kind = ((raw[0] & 7) << 5 | raw[1] >> 3) if len(raw) == 36 else -1
    if kind < 0 or raw[0] & 0xF8 != _SEED or binascii.crc_hqx(body, 0).to_bytes(2, "little") != check:
        raise RefusedElsewhereError(_WRONG)
    key = Ed25519PrivateKey.from_private_bytes(body[2:])
    public = bytes([kind]) + key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    public += binascii.crc_hqx(public, 0).to_bytes(2, "little")
    return key, base64.b32encode(public).rstrip(b"=").decode()


def _failure(error: Exception) -> BusError:
    """Refusals by what the server says of them; the library has one class for all."""
    words = str(error).removeprefix("nats: ").strip("' \r\n") or type(error).__name__
    refused = ("authorization violation", "permissions violation", "no encryption", "authentication", "max")
    if isinstance(error, ssl.SSLCertVerificationError):
        words = f"its certificate is not accepted: {error.verify_message}"
    elif isinstance(error, OSError) and error.strerror:
        words = error.strerror
    is_refusal = isinstance(error, nats.errors.MaxPayloadError | ValueError) and not isinstance(
        error, OSError
    )
    if is_refusal or any(word in words.lower() for word in refused):
        return RefusedElsewhereError(words)
    return BusUnavailableError(words)
