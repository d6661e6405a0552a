"""Who may read an encrypted object: age identities (files `.agekey`) and OpenPGP keys (files `.asc`)."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import pyrage
import pysequoia

from fairlead.sops.errors import SopsError

MAX_KEYS = 64
"""Identities of a project, and recipients of an object that are looked at."""
KEY_BYTES = 32
_AGE_BEGIN, _AGE_END = "-----BEGIN AGE ENCRYPTED FILE-----", "-----END AGE ENCRYPTED FILE-----"


class Identities:
    """Age identities and OpenPGP keys. What cannot be read of a file is in `unread`, by its name."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.unread: dict[str, str] = {}
        self._age: list[Any] = []
        self._pgp: list[Any] = []
        for name, text in sorted(files.items()):
            if name.endswith(".agekey"):
                self._read_age(name, text)
            elif name.endswith(".asc"):
                self._read_pgp(name, text)

    def __bool__(self) -> bool:
        return bool(self._age or self._pgp)

    def __repr__(self) -> str:
        return f"Identities(age={len(self._age)}, pgp={len(self._pgp)})"

    def key_of(self, about: Mapping[str, Any]) -> bytes:
        """The key of an object, from its `sops` block. Raises SopsError."""
        if len(_maps(about.get("key_groups"))) > 1:
            raise SopsError("its key is shared among groups, which is not supported")
        sealed = [about, *_maps(about.get("key_groups"))]
        for one in sealed:
            for entry in _maps(one.get("age"))[:MAX_KEYS]:
                if (key := self._by_age(str(entry.get("enc") or ""))) is not None:
                    return key
            for entry in _maps(one.get("pgp"))[:MAX_KEYS]:
                if (key := self._by_pgp(str(entry.get("enc") or ""))) is not None:
                    return key
        raise SopsError("none of the project's keys opens it")

    def _read_age(self, name: str, text: str) -> None:
        lines = [line.strip() for line in text.splitlines()]
        for line in [line for line in lines if line and not line.startswith("#")][:MAX_KEYS]:
            try:
                self._age.append(pyrage.x25519.Identity.from_str(line))
            except (pyrage.IdentityError, ValueError):
                self.unread[name] = "it is no age identity"

    def _read_pgp(self, name: str, text: str) -> None:
        try:
            key = pysequoia.Tsk.from_bytes(text.encode())
            self._pgp.append(key.decryptor())
        except Exception:  # the library's own kinds are not told apart
            self.unread[name] = "it is no OpenPGP key that can decrypt without a passphrase"

    def _by_age(self, armored: str) -> bytes | None:
        if not self._age:
            return None
        body = armored.partition(_AGE_BEGIN)[2].partition(_AGE_END)[0]
        try:
            opened = bytes(pyrage.decrypt(base64.b64decode("".join(body.split())), self._age))
        except (pyrage.DecryptError, binascii.Error, ValueError):
            return None
        return opened if len(opened) == KEY_BYTES else None

    def _by_pgp(self, armored: str) -> bytes | None:
        for decryptor in self._pgp:
            try:
                opened = pysequoia.decrypt(bytes=armored.encode(), decryptor=decryptor).bytes
            except Exception:  # noqa: S112 - another key may open it, and the library's kinds are not told apart
                continue
            if opened is not None and len(opened) == KEY_BYTES:
                return bytes(opened)
        return None


def _maps(value: object) -> list[Mapping[str, Any]]:
    entries = value if isinstance(value, list) else []
    return [entry for entry in entries if isinstance(entry, Mapping)]
