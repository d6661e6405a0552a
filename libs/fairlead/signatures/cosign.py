"""Signatures of cosign over OCI artifacts, by a key: the payload of "simple signing" and what signed it.

Keyless signatures (Fulcio, Rekor) are not looked at: they need a clock and roots of others. Invariant: a
signature counts only for the very digest that its payload names.
"""

from __future__ import annotations

import base64
import binascii
import hmac

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key

ANNOTATION = "dev.cosignproject.cosign/signature"
"""Of a layer: the signature over its content, in base64."""
MEDIA = "application/vnd.dev.cosign.simplesigning.v1+json"
MAX_PAYLOAD = 64 << 10
"""Bytes of one payload."""
MAX_SIGNATURES = 64
"""Signatures of one artifact that are looked at."""
LEAST_RSA_BITS = 2048
_TYPE = "cosign container image signature"
CosignKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey


class CosignKeyError(ValueError):
    """What is no public key that can be verified with; the words are for people."""


class _Image(msgspec.Struct):
    digest: str = msgspec.field(name="docker-manifest-digest", default="")


class _Critical(msgspec.Struct):
    image: _Image = msgspec.field(default_factory=_Image)
    type: str = ""


class _Payload(msgspec.Struct):
    critical: _Critical = msgspec.field(default_factory=_Critical)


def tag_of(digest: str) -> str:
    """Where the signatures of an artifact are kept: `sha256:…` as the tag `sha256-….sig`."""
    return f"{digest.replace(':', '-', 1)}.sig"


def read_cosign_key(pem: str) -> CosignKey:
    """The key of `cosign.pub`. Raises CosignKeyError."""
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise CosignKeyError("this is no public key in PEM") from None
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < LEAST_RSA_BITS:
        raise CosignKeyError(f"a key of {key.key_size} bits is not accepted")
    if not isinstance(key, CosignKey):
        raise CosignKeyError("keys of that kind are not known")
    return key


def is_signed(payload: bytes, signature: str, digest: str, key: CosignKey) -> bool:
    """Whether a key has signed a payload, and this names the digest."""
    try:
        raw = base64.b64decode(signature, validate=True)
        _check(key, raw, payload)
        critical = msgspec.json.decode(payload, type=_Payload).critical
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return critical.type == _TYPE and hmac.compare_digest(critical.image.digest.encode(), digest.encode())


def _check(key: CosignKey, signature: bytes, payload: bytes) -> None:
    """Raises InvalidSignature."""
    if isinstance(key, ed25519.Ed25519PublicKey):
        key.verify(signature, payload)
    elif isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, payload, padding.PKCS1v15(), hashes.SHA256())
    else:
        key.verify(signature, payload, ec.ECDSA(hashes.SHA256()))
