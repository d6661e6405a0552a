"""Signing commits with the operator's OpenPGP key, which is read from its file for each.

Invariant: a commit that is to be signed is verified with the public half of the key before anybody sees it;
what does not verify is not pushed.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from fairlead.openpgp import read_keys
from fairlead.signatures import Keyring, signed_commit, verified

MAX_KEY = 1 << 20
MAX_PASSPHRASE = 4096
"""Bytes of the files that are read."""


class SigningError(Exception):
    """No signature that can be relied on; the words have nothing of the key. `reason` is for metrics."""

    def __init__(self, words: str, reason: str) -> None:
        super().__init__(words)
        self.reason = reason


class Signer:
    """Signs with the key in a file, which may be replaced at any time."""

    def __init__(self, key: Path, passphrase: Path | None) -> None:
        self._key = key
        self._passphrase = passphrase

    async def signed(self, body: bytes) -> bytes:
        """A commit object's body with its signature. Raises SigningError."""
        return await asyncio.to_thread(self._signed, body)

    def _signed(self, body: bytes) -> bytes:
        from pysequoia import SignatureMode, Tsk, sign  # noqa: PLC0415 - 10 MB that only who signs needs

        passphrase = self._secret()
        try:
            key = Tsk.from_bytes(_read(self._key, MAX_KEY))
            public = str(key.extract_certificate())
            signature = sign(key.signer(passphrase or None), body, mode=SignatureMode.DETACHED)
        except OSError as error:
            raise SigningError(
                f"the signing key {self._key} cannot be read: {error.strerror}", "commit"
            ) from error
        except Exception as error:
            words = f"{self._key} cannot sign: it is no secret OpenPGP key, or its passphrase is wrong"
            raise SigningError(words, "commit") from error
        signed = with_signature(body, bytes(signature))
        _verify(signed, public)
        return signed

    def _secret(self) -> str:
        if self._passphrase is None:
            return ""
        try:
            return _read(self._passphrase, MAX_PASSPHRASE).decode().strip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            words = f"the passphrase of the signing key cannot be read from {self._passphrase}"
            raise SigningError(words, "commit") from error


def with_signature(body: bytes, signature: bytes) -> bytes:
    """A commit object's body that carries a signature, as Git writes it."""
    head, _, message = body.partition(b"\n\n")
    return head + b"\ngpgsig " + signature.strip().replace(b"\n", b"\n ") + b"\n\n" + message


def _verify(body: bytes, public: str) -> None:
    try:
        [key] = read_keys(public)
        found = verified(signed_commit(body), Keyring.of({key.key_id: public}), time.time())
    except Exception as error:
        raise SigningError("the signature of the commit cannot be verified", "verify") from error
    if not found.is_good:
        raise SigningError(f"the signature of the commit does not count: {found.result.value}", "bad_status")
    if not found.is_by(frozenset({key.key_id})):
        raise SigningError(f"the commit was signed by the key {found.key_id}", "wrong_key")


def _read(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        found = file.read(most + 1)
    if len(found) > most:
        raise SigningError(f"{path} is larger than {most} bytes", "commit")
    return found
