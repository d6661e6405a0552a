"""Which keys an installation needs, made when they are missing; pure.

Certificates are one set: when one is missing, ends soon or lacks a name, all are made anew, and the
authority's key is not kept: nobody can sign another.
"""

import secrets
from collections.abc import Mapping, Sequence

from fairlead.bus.topology import GRANTS
from fairlead.keys.certificates import AUTHORITY, are_good, make

RANDOM = {
    "redis-password": 24,
    "cache-key": 32,
    "credentials-key": 32,
    "write-credentials-key": 32,
    **{f"nats-{grant.service}": 24 for grant in GRANTS},
}
"""Entries of random text, by the bytes of randomness in each. Texts are URL-safe and begin with a letter."""

SERVERS = ("nats", "redis")
"""Each has a certificate `<name>.crt` and its key `<name>.key`, signed by `ca.crt`."""


def missing(known: Mapping[str, bytes], hosts: Mapping[str, Sequence[str]]) -> dict[str, bytes]:
    """The entries to add or replace. `hosts` are the names that each of SERVERS is reached by."""
    added = {name: _random(size) for name, size in RANDOM.items() if not known.get(name)}
    if not are_good(known, hosts):
        added |= make(hosts)
    return added


def names() -> tuple[str, ...]:
    """Every entry that a Secret of an operator's own has to have."""
    pairs = [f"{server}.{part}" for server in SERVERS for part in ("crt", "key")]
    return (*RANDOM, AUTHORITY, *pairs)


def _random(size: int) -> bytes:
    return f"k{secrets.token_urlsafe(size)}".encode()
