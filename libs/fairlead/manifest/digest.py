"""One name for one content: the digest under which manifests are applied, recorded and compared.

Invariant: two texts of the same JSON value have the same digest, whatever their key order or white space.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder()


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and no white space, in UTF-8."""
    return _encoder.encode(value)


def digest(value: Any) -> str:
    """Hex SHA-256 of the canonical form. Bytes are taken as JSON text and read first.

    Raises :class:`msgspec.DecodeError` for bytes that are no JSON.
    """
    if isinstance(value, bytes | bytearray | memoryview):
        value = _decoder.decode(value)
    return digest_of_canonical(canonical(value))


def digest_of_canonical(text: bytes) -> str:
    """Hex SHA-256 of text that already is canonical."""
    return hashlib.sha256(text).hexdigest()
