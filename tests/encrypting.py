"""Encrypts objects as `sops` does, from its description of the format: a second reading of it."""

import base64
import os
import re
from typing import Any

import pyrage
import pysequoia
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MOMENT = "2026-01-02T03:04:05Z"


def armored(body: bytes) -> str:
    """A file of age as text."""
    text = base64.b64encode(body).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN AGE ENCRYPTED FILE-----", *lines, "-----END AGE ENCRYPTED FILE-----", ""])


def sealed(value: Any, path: tuple[str, ...], key: bytes) -> Any:
    """A value, sealed for its path."""
    if isinstance(value, dict):
        return {name: sealed(inner, (*path, name), key) for name, inner in value.items()}
    if isinstance(value, list):
        return [sealed(inner, path, key) for inner in value]
    if value == "":
        return value
    kind = {str: "str", bool: "bool", int: "int", float: "float"}[type(value)]
    text = str(value).encode()
    nonce = os.urandom(32)
    whole = AESGCM(key).encrypt(nonce, text, (":".join(path) + ":").encode())
    parts = (base64.b64encode(part).decode() for part in (whole[:-16], nonce, whole[-16:]))
    return "ENC[AES256_GCM,data:{},iv:{},tag:{},type:{}]".format(*parts, kind)


def encrypted(
    document: dict[str, Any],
    *,
    age: str = "",
    pgp: pysequoia.Cert | None = None,
    only: str = "^(data|stringData)$",
) -> dict[str, Any]:
    """An object of which the fields that match are encrypted, for a recipient of age, or an OpenPGP key."""
    key = os.urandom(32)
    found = {
        name: sealed(value, (name,), key) if re.search(only, name) else value
        for name, value in document.items()
    }
    about: dict[str, Any] = {"lastmodified": MOMENT, "version": "3.11.0", "encrypted_regex": only}
    if age:
        recipient = pyrage.x25519.Recipient.from_str(age)
        about["age"] = [{"recipient": age, "enc": armored(pyrage.encrypt(key, [recipient]))}]
    if pgp is not None:
        message = bytes(pysequoia.encrypt(recipients=[pgp], bytes=key)).decode()
        about["pgp"] = [{"created_at": MOMENT, "enc": message, "fp": pgp.fingerprint.upper()}]
    about["mac"] = sealed("0" * 128, (), key)
    return {**found, "sops": about}
