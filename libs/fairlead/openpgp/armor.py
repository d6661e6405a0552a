"""ASCII armour (RFC 9580, section 6): bytes as lines between a head and a tail, with a checksum."""

from __future__ import annotations

import base64
import binascii
import re
import textwrap

KIND = "PGP PUBLIC KEY BLOCK"
MAX_TEXT = 1 << 20
"""Characters that are read; a key with many signatures has some hundred thousand."""

_BLOCK = re.compile(r"-----BEGIN ([A-Z ]{3,40})-----([^-]*)-----END \1-----")
_CRC = re.compile(r"(?:^|\n)=([A-Za-z0-9+/]{4})\s*$")
_START, _POLYNOMIAL = 0xB704CE, 0x1864CFB


class ArmorError(ValueError):
    """A text that holds no public key in armour, or a damaged one."""


def dearmored(text: str) -> list[bytes]:
    """The bytes of each block of public keys. Raises ArmorError."""
    if len(text) > MAX_TEXT:
        raise ArmorError(f"the text is longer than {MAX_TEXT >> 10} KiB")
    blocks = _BLOCK.findall(text.replace("\r\n", "\n"))
    if not blocks:
        raise ArmorError(f"there is no {KIND}")
    for kind, _ in blocks:
        if kind != KIND:
            raise ArmorError(f"a {kind.title()} is no public key")
    return [_decoded(body) for _, body in blocks]


def armored(data: bytes) -> str:
    """A block of public keys."""
    lines = textwrap.wrap(base64.b64encode(data).decode(), 64)
    crc = base64.b64encode(crc24(data).to_bytes(3, "big")).decode()
    return "\n".join([f"-----BEGIN {KIND}-----", "", *lines, f"={crc}", f"-----END {KIND}-----", ""])


def crc24(data: bytes) -> int:
    """The checksum of armour."""
    total = _START
    for byte in data:
        total ^= byte << 16
        for _ in range(8):
            total <<= 1
            if total & 0x1000000:
                total ^= _POLYNOMIAL
    return total


def _decoded(body: str) -> bytes:
    _, gap, text = body.partition("\n\n")
    text = text if gap else body
    found = _CRC.search(text)
    if found is not None:
        text = text[: found.start()]
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error:
        raise ArmorError("the key is not base64") from None
    if found is not None and int.from_bytes(base64.b64decode(found[1]), "big") != crc24(data):
        raise ArmorError("the key's checksum is wrong: it is damaged or cut off")
    return data
