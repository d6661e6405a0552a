"""Signatures of OpenSSH (`PROTOCOL.sshsig`), as Git makes them with `gpg.format=ssh`.

Invariant: a signature counts for the namespace `git` alone, with a digest of SHA-2, by the key it carries,
and that key must be in the keyring.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from fairlead.signatures.finding import Finding, Result
from fairlead.signatures.keyring import Keyring
from fairlead.signatures.ssh_key import Parts, SshKey, SshKeyError, fingerprint_of, key_of

NAMESPACE = b"git"
_MAGIC = b"SSHSIG"
_ARMOR = re.compile(rb"\s*-----BEGIN SSH SIGNATURE-----\s(.*?)-----END SSH SIGNATURE-----\s*", re.S)
_DIGESTS = {"sha256": hashlib.sha256, "sha512": hashlib.sha512}
_RSA = {"rsa-sha2-256": hashes.SHA256, "rsa-sha2-512": hashes.SHA512}
_Hash = hashes.SHA256 | hashes.SHA384 | hashes.SHA512
_CURVE_HASHES: dict[int, type[_Hash]] = {256: hashes.SHA256, 384: hashes.SHA384, 521: hashes.SHA512}
_USER_PRESENT = 0x01


def verify_ssh(payload: bytes, armored: bytes, keyring: Keyring) -> Finding:
    """The verdict on a signature over these bytes."""
    try:
        key, name, signature, message = _opened(payload, armored)
    except (SshKeyError, binascii.Error):
        return Finding(result=Result.BAD)
    entry = keyring.find(name)
    if entry is None:
        return Finding(result=Result.MISSING_KEY, key_id=name)
    try:
        _check(key, signature, message)
    except (InvalidSignature, SshKeyError, ValueError):
        return Finding(result=Result.BAD, key_id=name, primary=entry.ids[0], algorithm=entry.algorithm)
    return Finding(result=Result.GOOD, key_id=name, primary=entry.ids[0], algorithm=entry.algorithm)


def _opened(payload: bytes, armored: bytes) -> tuple[SshKey, str, bytes, bytes]:
    """Key, its fingerprint, the signature and what was signed. Raises SshKeyError, binascii.Error."""
    found = _ARMOR.fullmatch(armored)
    if found is None:
        raise SshKeyError("there is not one signature")
    parts = Parts(base64.b64decode(b"".join(found[1].split()), validate=True))
    if parts.take(len(_MAGIC)) != _MAGIC or parts.number() != 1:
        raise SshKeyError("this is no signature of OpenSSH")
    blob, namespace, reserved, digest = parts.string(), parts.string(), parts.string(), parts.text()
    signature = parts.string()
    parts.end()
    if namespace != NAMESPACE or digest not in _DIGESTS:
        raise SshKeyError("it was made for something else")
    hashed = _DIGESTS[digest](payload).digest()
    message = _MAGIC + b"".join(map(_string, (namespace, reserved, digest.encode(), hashed)))
    return key_of(blob), fingerprint_of(blob), signature, message


def _check(key: SshKey, signature: bytes, message: bytes) -> None:
    """Raises InvalidSignature, SshKeyError."""
    parts = Parts(signature)
    algorithm, raw = parts.text(), parts.string()
    if key.application:
        flags, counter = parts.take(1), parts.take(4)
        if not flags[0] & _USER_PRESENT:
            raise SshKeyError("nobody touched the token")
        application = hashlib.sha256(key.application).digest()
        message = application + flags + counter + hashlib.sha256(message).digest()
    parts.end()
    verifier = key.verifier
    if isinstance(verifier, rsa.RSAPublicKey):
        if algorithm not in _RSA:
            raise SshKeyError(f"signatures of the kind {algorithm[:40]} are not accepted")
        verifier.verify(raw, message, padding.PKCS1v15(), _RSA[algorithm]())
        return
    if algorithm != key.algorithm:
        raise SshKeyError("the signature is of another kind than the key")
    if isinstance(verifier, ed25519.Ed25519PublicKey):
        verifier.verify(raw, message)
        return
    numbers = Parts(raw)
    r, s = (int.from_bytes(numbers.string(), "big") for _ in range(2))
    numbers.end()
    verifier.verify(encode_dss_signature(r, s), message, ec.ECDSA(_CURVE_HASHES[verifier.key_size]()))


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data
