"""Public keys in OpenPGP's packets (RFC 9580): fingerprint, owner and algorithm of each.

Invariant: every byte belongs to a key that is returned; what is neither key nor about one is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import msgspec

from fairlead.openpgp.armor import armored, dearmored

MAX_KEYS = 100
"""Keys of one text."""
MAX_OWNER = 500

_SIGNATURE, _SECRET, _PUBLIC, _USER, _SUBKEY, _ATTRIBUTE = 2, 5, 6, 13, 14, 17
_ABOUT_A_KEY = {_SIGNATURE, _USER, _SUBKEY, _ATTRIBUTE, 10, 12, 21}
_WITH_BITS = {1: "rsa", 2: "rsa", 3: "rsa", 16: "elg", 17: "dsa"}
_ECDSA, _EDDSA = 19, 22
_PLAIN = {25: "cv25519", 26: "cv448", 27: "ed25519", 28: "ed448"}
_CURVES = {
    "2a8648ce3d030107": "nistp256",
    "2b81040022": "nistp384",
    "2b81040023": "nistp521",
    "2b8104000a": "secp256k1",
    "2b06010401da470f01": "ed25519",
    "2b240303020801010d": "brainpoolP512r1",
}


class BadKeyError(ValueError):
    """Bytes that are no public keys; the words are for people."""


class PublicKey(msgspec.Struct, frozen=True, kw_only=True):
    """One key with its user ids, subkeys and signatures, in armour. Ids are in capital hex digits;
    `subkeys` has those of its subkeys."""

    key_id: str
    fingerprint: str
    owner: str
    algorithm: str
    text: str
    subkeys: tuple[str, ...] = ()


def read_keys(text: str) -> list[PublicKey]:
    """The keys of a text in armour, in their order. Raises ArmorError, BadKeyError."""
    found = [key for block in dearmored(text) for key in _keys(block)]
    if len(found) > MAX_KEYS:
        raise BadKeyError(f"there are more than {MAX_KEYS} keys")
    return found


def _keys(block: bytes) -> Iterator[PublicKey]:
    starts: list[tuple[int, bytes, str]] = []
    subkeys: list[list[str]] = []
    for start, tag, body in _packets(block):
        if tag == _PUBLIC:
            starts.append((start, body, ""))
            subkeys.append([])
        elif tag == _SECRET or not starts:
            raise BadKeyError("what does not begin with a public key is none")
        elif tag not in _ABOUT_A_KEY:
            raise BadKeyError(f"a packet of kind {tag} does not belong to a public key")
        elif tag == _USER and not starts[-1][2]:
            at, key, _ = starts[-1]
            starts[-1] = (at, key, body.decode(errors="replace")[:MAX_OWNER])
        elif tag == _SUBKEY:
            subkeys[-1].append(_identified(body)[0])
    if not starts:
        raise BadKeyError("there is no public key")
    ends = [start for start, _, _ in starts[1:]] + [len(block)]
    for (start, body, owner), end, below in zip(starts, ends, subkeys, strict=True):
        yield _key(body, owner, block[start:end], tuple(below))


def _key(body: bytes, owner: str, data: bytes, subkeys: tuple[str, ...]) -> PublicKey:
    key_id, fingerprint = _identified(body)
    return PublicKey(
        key_id=key_id,
        fingerprint=fingerprint,
        owner=owner,
        algorithm=_algorithm(body[5], body[6:] if body[0] == 4 else body[10:]),
        text=armored(data),
        subkeys=subkeys,
    )


def _identified(body: bytes) -> tuple[str, str]:
    """Id and fingerprint of a key or subkey, in capitals."""
    if len(body) < 10:
        raise BadKeyError("a key is cut off")
    version = body[0]
    if version == 4:
        digest = hashlib.sha1(  # noqa: S324 - what version 4 of the format says a fingerprint is
            b"\x99" + len(body).to_bytes(2, "big") + body
        ).hexdigest()
        key_id = digest[-16:]
    elif version == 6:
        digest = hashlib.sha256(b"\x9b" + len(body).to_bytes(4, "big") + body).hexdigest()
        key_id = digest[:16]
    else:
        raise BadKeyError(f"keys of version {version} cannot be read")
    return key_id.upper(), digest.upper()


def _algorithm(number: int, material: bytes) -> str:
    """As gpg names it: `rsa4096`, `ed25519`, `nistp256`."""
    if number in _WITH_BITS:
        return f"{_WITH_BITS[number]}{int.from_bytes(material[:2], 'big')}"
    if number in (_ECDSA, _EDDSA):
        curve = material[1 : 1 + material[0]].hex() if material else ""
        return _CURVES.get(curve, "ecdsa" if number == _ECDSA else "eddsa")
    return _PLAIN.get(number, f"algorithm {number}")


def _packets(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Place, kind and body of each packet."""
    at = 0
    while at < len(data):
        start, head = at, data[at]
        if not head & 0x80:
            raise BadKeyError("these bytes are no OpenPGP packets")
        if head & 0x40:
            tag, (size, at) = head & 0x3F, _new_length(data, at + 1)
        else:
            tag, (size, at) = (head >> 2) & 0x0F, _old_length(data, at + 1, head & 3)
        if at + size > len(data):
            raise BadKeyError("a packet is cut off")
        yield start, tag, data[at : at + size]
        at += size


def _new_length(data: bytes, at: int) -> tuple[int, int]:
    first = data[at] if at < len(data) else 255
    if first < 192:
        return first, at + 1
    if first < 224 and at + 1 < len(data):
        return ((first - 192) << 8) + data[at + 1] + 192, at + 2
    if first == 255 and at + 5 <= len(data):
        return int.from_bytes(data[at + 1 : at + 5], "big"), at + 5
    raise BadKeyError("a packet's length cannot be read")


def _old_length(data: bytes, at: int, kind: int) -> tuple[int, int]:
    width = (1, 2, 4, 0)[kind]
    if not width or at + width > len(data):
        raise BadKeyError("a packet's length cannot be read")
    return int.from_bytes(data[at : at + width], "big"), at + width
