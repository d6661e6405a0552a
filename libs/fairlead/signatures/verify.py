"""One signature over given bytes, whatever made it."""

from __future__ import annotations

from fairlead.signatures.finding import UNSIGNED, Finding, Result
from fairlead.signatures.keyring import Keyring
from fairlead.signatures.pgp import verify_pgp
from fairlead.signatures.signed import Signed
from fairlead.signatures.ssh import verify_ssh

MAX_SIGNATURE = 64 << 10
"""Bytes of a signature that are read."""


def verified(signed: Signed, keyring: Keyring, now: float) -> Finding:
    """The verdict on a commit's or tag's signature at a Unix second."""
    signature = signed.signature.lstrip()
    if not signature:
        return UNSIGNED
    if len(signature) > MAX_SIGNATURE or signature.count(b"-----BEGIN ") != 1:
        return Finding(result=Result.BAD)
    if signature.startswith(b"-----BEGIN SSH SIGNATURE-----"):
        return verify_ssh(signed.payload, signature, keyring)
    if signature.startswith((b"-----BEGIN PGP SIGNATURE-----", b"-----BEGIN PGP MESSAGE-----")):
        return verify_pgp(signed.payload, signature, keyring, now)
    return Finding(result=Result.MISSING_KEY)
