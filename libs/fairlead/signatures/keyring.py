"""The keys whose signatures may count: what stands in `argocd-gpg-keys-cm` (contract 11.6).

An entry is named by a key's 16 hex digits and holds that key in armour. What Argo CD lacks stands beside it
and is no entry of its: `ssh.<name>` holds one public key of OpenSSH, `cosign.<name>` one in PEM. A policy
names them by id, by the fingerprint `SHA256:…`, or as the entry is named.

Invariant: an entry counts only when it holds exactly one key, and under a name that fits it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

import msgspec

from fairlead.openpgp import ArmorError, BadKeyError, read_keys
from fairlead.signatures.cosign import read_cosign_key
from fairlead.signatures.ssh_key import SshKeyError, fingerprint_of, read_ssh_key

SSH, COSIGN = "ssh.", "cosign."
MAX_ENTRY = 256 << 10
"""Characters of one entry."""
_ID = re.compile(r"(?:0[xX])?(?:[0-9A-Fa-f]{24})?([0-9A-Fa-f]{16})")


class Kind(StrEnum):
    """How a key signs."""

    GPG = "gpg"
    SSH = "ssh"
    COSIGN = "cosign"


class SigningKey(msgspec.Struct, frozen=True, kw_only=True):
    """One entry. `ids` are the names by which a policy or a signature may mean it, its own first; `algorithm`
    is as gpg names it."""

    kind: Kind
    ids: tuple[str, ...]
    text: str
    algorithm: str = ""

    @property
    def digest(self) -> str:
        """What tells this key, as it is now, from any other."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:32]


class Keyring:
    """Keys by all their names."""

    def __init__(self, keys: Iterable[SigningKey] = (), unread: Mapping[str, str] | None = None) -> None:
        self._by_id = {name: key for key in keys for name in key.ids}
        self.unread = dict(unread or {})
        """Why an entry does not count, by its name."""
        known = sorted((name, key.digest) for name, key in self._by_id.items())
        self.identity = hashlib.sha256(repr(known).encode()).hexdigest()[:32]
        """What tells this keyring from any other."""

    @classmethod
    def of(cls, entries: Mapping[str, str]) -> Keyring:
        """The keys of a ConfigMap's data."""
        found, unread = list[SigningKey](), dict[str, str]()
        for name, text in sorted(entries.items()):
            try:
                found.append(_read(name, text))
            except (ArmorError, BadKeyError, SshKeyError, ValueError) as error:
                unread[name] = str(error)
        return cls(found, unread)

    def find(self, name: str) -> SigningKey | None:
        """The key of that id, fingerprint or entry."""
        return self._by_id.get(canonical(name))

    def digest(self, name: str) -> str:
        """What tells the key of that name from any other; "" when there is none."""
        key = self.find(name)
        return key.digest if key is not None else ""

    def __iter__(self) -> Iterator[SigningKey]:
        return iter(dict.fromkeys(self._by_id.values()))

    def __len__(self) -> int:
        return len(set(self._by_id.values()))


def canonical(name: str) -> str:
    """A key's name as signatures carry it: the last 16 digits of an id, in capitals; others as they are."""
    found = _ID.fullmatch(name.strip())
    return found[1].upper() if found is not None else name.strip()


def kind_of(name: str) -> Kind:
    """What kind of key a policy means by this name."""
    if name.startswith(COSIGN):
        return Kind.COSIGN
    return Kind.SSH if name.startswith(("SHA256:", SSH)) else Kind.GPG


def _read(name: str, text: str) -> SigningKey:
    if len(text) > MAX_ENTRY:
        raise ValueError(f"the entry is longer than {MAX_ENTRY >> 10} KiB")
    if name.startswith(COSIGN):
        read_cosign_key(text)
        return SigningKey(kind=Kind.COSIGN, ids=(name,), text=text.strip(), algorithm="cosign")
    if name.startswith(SSH):
        ssh = read_ssh_key(text)
        return SigningKey(
            kind=Kind.SSH, ids=(name, fingerprint_of(ssh.blob)), text=text.strip(), algorithm="SSH"
        )
    keys = read_keys(text)
    if len(keys) != 1:
        raise ValueError(f"the entry holds {len(keys)} keys")
    if keys[0].key_id != name.upper():
        raise ValueError(f"the entry holds the key {keys[0].key_id}")
    [key] = keys
    return SigningKey(
        kind=Kind.GPG,
        ids=(key.key_id, *key.subkeys),
        text=key.text,
        algorithm=_family(key.algorithm),
    )


def _family(algorithm: str) -> str:
    """`rsa4096` as `RSA`, `ed25519` as `EDDSA`, a curve as `ECDSA`."""
    if algorithm.startswith(("rsa", "dsa", "elg")):
        return algorithm[:3].upper()
    return "EDDSA" if algorithm.startswith(("ed", "eddsa")) else "ECDSA"
