"""OpenPGP signatures, verified by Sequoia in this process.

Sequoia says whether a key made a signature and was allowed to when it did. What is the case now (a key that
expired or was revoked since, a signature that expired) is read here, from the packets, and makes the verdict
only worse. Digests and keys that Sequoia's standard policy calls weak do not verify.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from fairlead.signatures.finding import Finding, Result
from fairlead.signatures.keyring import Keyring, Kind, SigningKey

if TYPE_CHECKING:
    from pysequoia import Cert, Sig

PARSED = 512
"""Certificates that are kept as Sequoia reads them."""


class Lifetime(msgspec.Struct, frozen=True, kw_only=True):
    """What one key of a certificate says of itself: whether it was revoked, and when it expires, 0 never."""

    is_revoked: bool = False
    expires: float = 0.0


def verify_pgp(payload: bytes, armored: bytes, keyring: Keyring, now: float) -> Finding:
    """The verdict on a detached signature over these bytes."""
    from pysequoia import Sig  # noqa: PLC0415 - 10 MB that only who verifies needs

    try:
        issuer, expires = _signature(armored)
        signature = Sig.from_bytes(armored)
    except Exception:
        return Finding(result=Result.BAD)
    key = keyring.find(issuer)
    if not issuer or key is None or key.kind is not Kind.GPG:
        return Finding(result=Result.MISSING_KEY, key_id=issuer)
    primary = key.ids[0]
    try:
        parsed = certificate(key)
        whole, own = _lifetimes(parsed, key, issuer)
    except Exception:
        return Finding(result=Result.BAD, key_id=issuer, primary=primary)
    ends = [one for one in (expires, whole.expires, own.expires) if one]
    found = Finding(
        result=Result.GOOD,
        key_id=issuer,
        primary=primary,
        algorithm=key.algorithm,
        until=min(ends, default=0.0),
    )
    result = _worse(expires, whole, own, now)
    if result is Result.GOOD and not _is_made_by(signature, payload, parsed, issuer):
        result = Result.BAD
    return msgspec.structs.replace(found, result=result)


@lru_cache(maxsize=PARSED)
def certificate(key: SigningKey) -> Cert:
    """A key as Sequoia reads it. Raises whatever Sequoia does."""
    from pysequoia import Cert  # noqa: PLC0415 - as above

    return Cert.from_bytes(key.text.encode())


def _signature(armored: bytes) -> tuple[str, float]:
    """Id of the key that one signature names, in capitals, and when it expires. Raises ValueError."""
    from pysequoia.packet import PacketPile, Tag  # noqa: PLC0415 - as above

    packets = list(PacketPile.from_bytes(armored))
    if len(packets) != 1 or packets[0].tag != Tag.Signature:
        raise ValueError("there is not one signature")
    [packet] = packets
    issuer = packet.issuer_key_id or (packet.issuer_fingerprint or "")[-16:]
    expires = packet.signature_expiration_time
    return issuer.upper(), expires.timestamp() if expires is not None else 0.0


def _lifetimes(parsed: Cert, key: SigningKey, issuer: str) -> tuple[Lifetime, Lifetime]:
    """What the certificate says of itself as a whole, and of the subkey that signed."""
    ends = parsed.expiration
    whole = Lifetime(is_revoked=parsed.is_revoked, expires=ends.timestamp() if ends is not None else 0.0)
    return whole, Lifetime() if issuer == key.ids[0] else _of_subkey(parsed, issuer)


def _of_subkey(parsed: Cert, issuer: str) -> Lifetime:
    """By the newest binding of a subkey; a revocation of it counts whoever wrote it: doubt never deploys."""
    from pysequoia.packet import PacketPile, SignatureType, Tag  # noqa: PLC0415 - as above

    is_ours, made, found, newest = False, 0.0, Lifetime(), -1.0
    for packet in PacketPile.from_bytes(bytes(parsed)):
        if packet.tag != Tag.Signature:
            is_ours = packet.tag == Tag.PublicSubkey and (packet.key_id or "").upper() == issuer
            made = packet.key_created.timestamp() if is_ours and packet.key_created is not None else made
        elif is_ours and packet.signature_type == SignatureType.SubkeyRevocation:
            return Lifetime(is_revoked=True)
        elif is_ours and packet.signature_type == SignatureType.SubkeyBinding:
            at = packet.signature_created.timestamp() if packet.signature_created is not None else 0.0
            if at >= newest:
                period, newest = packet.key_validity_period, at
                found = Lifetime(expires=made + period.total_seconds() if period is not None else 0.0)
    return found


def _worse(expires: float, whole: Lifetime, own: Lifetime, now: float) -> Result:
    if whole.is_revoked or own.is_revoked:
        return Result.REVOKED_KEY
    if expires and expires <= now:
        return Result.EXPIRED_SIGNATURE
    if any(one.expires and one.expires <= now for one in (whole, own)):
        return Result.EXPIRED_KEY
    return Result.GOOD


def _is_made_by(signature: Sig, payload: bytes, parsed: Cert, issuer: str) -> bool:
    from pysequoia import verify  # noqa: PLC0415 - as above

    try:
        made = verify(bytes=payload, store=lambda _: [parsed], signature=signature).valid_sigs
    except Exception:
        return False
    return any(
        one.certificate == parsed.fingerprint and one.signing_key.upper().endswith(issuer) for one in made
    )
