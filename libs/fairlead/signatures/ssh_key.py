"""Public keys of OpenSSH: the line as people have it, and the key it stands for.

Invariant: a key is only what the whole line and the whole blob say; anything left over makes it none.
"""

from __future__ import annotations

import base64
import binascii
import hashlib

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

LEAST_RSA_BITS = 2048
MOST_RSA_BITS = 16384
_CURVES: dict[str, type[ec.EllipticCurve]] = {
    "nistp256": ec.SECP256R1,
    "nistp384": ec.SECP384R1,
    "nistp521": ec.SECP521R1,
}
ED25519, RSA, ECDSA = "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-"
SK_ED25519, SK_ECDSA = "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"
Verifier = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey


class SshKeyError(ValueError):
    """What is no public key that can be verified with; the words are for people."""


class SshKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key by its algorithm. `application` is that of a key in a token, "" for any other."""

    algorithm: str
    blob: bytes
    verifier: Verifier
    application: bytes = b""


def read_ssh_key(line: str) -> SshKey:
    """The key of a line as in `id_ed25519.pub` or `authorized_keys`. Raises SshKeyError."""
    lines = [one for one in line.splitlines() if one.strip() and not one.lstrip().startswith("#")]
    if len(lines) != 1:
        raise SshKeyError(f"there are {len(lines)} keys of OpenSSH, and not one")
    words = lines[0].split()
    if len(words) < 2:
        raise SshKeyError("this is no public key of OpenSSH")
    try:
        blob = base64.b64decode(words[1], validate=True)
    except (binascii.Error, ValueError):
        raise SshKeyError("the key is not base64, or options stand before it") from None
    key = key_of(blob)
    if key.algorithm != words[0]:
        raise SshKeyError(f"the line says {words[0]} and the key {key.algorithm}")
    return key


def key_of(blob: bytes) -> SshKey:
    """The key of a blob (RFC 4253, section 6.6; RFC 5656; RFC 8709). Raises SshKeyError."""
    parts = Parts(blob)
    algorithm = parts.text()
    try:
        verifier = _verifier(algorithm, parts)
        application = parts.string() if algorithm.startswith("sk-") else b""
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SshKeyError(f"the key cannot be read: {error}") from None
    parts.end()
    return SshKey(algorithm=algorithm, blob=blob, verifier=verifier, application=application)


def fingerprint_of(blob: bytes) -> str:
    """As `ssh-keygen -l` prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


class Parts:
    """The strings of a blob, one after the other. Raises SshKeyError where it ends too early."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        """That many bytes."""
        if self._at + size > len(self._data):
            raise SshKeyError("it is cut off")
        self._at += size
        return self._data[self._at - size : self._at]

    def number(self) -> int:
        """A uint32."""
        return int.from_bytes(self.take(4), "big")

    def string(self) -> bytes:
        """A string with its length before it."""
        return self.take(self.number())

    def text(self) -> str:
        """A string that is a name."""
        try:
            return self.string().decode("ascii")
        except UnicodeDecodeError:
            raise SshKeyError("a name in it is none") from None

    def end(self) -> None:
        """Nothing may be left."""
        if self._at != len(self._data):
            raise SshKeyError("something follows it")


def _verifier(algorithm: str, parts: Parts) -> Verifier:
    if algorithm in (ED25519, SK_ED25519):
        return ed25519.Ed25519PublicKey.from_public_bytes(parts.string())
    if algorithm == SK_ECDSA or algorithm.startswith(ECDSA):
        curve = parts.text()
        if curve not in _CURVES or not algorithm.removesuffix("@openssh.com").endswith(curve):
            raise SshKeyError(f"the curve {curve} is not known")
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[curve](), parts.string())
    if algorithm == RSA:
        exponent, modulus = (int.from_bytes(parts.string(), "big") for _ in range(2))
        if not LEAST_RSA_BITS <= modulus.bit_length() <= MOST_RSA_BITS:
            raise SshKeyError(f"a key of {modulus.bit_length()} bits is not accepted")
        return rsa.RSAPublicNumbers(exponent, modulus).public_key()
    raise SshKeyError(f"keys of the kind {algorithm[:40]} are not known")
