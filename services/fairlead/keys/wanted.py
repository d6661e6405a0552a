"""Which keys an installation needs, made when they are missing; pure.

Certificates are one set: when one is missing, ends soon or lacks a name, all are made anew, and the
authority's key is not kept: nobody can sign another. The authority before stays beside the new one, so that
who trusts `ca.crt` also trusts a server that was not started since.
"""

import secrets
from collections.abc import Mapping, Sequence

from fairlead.bus.topology import GRANTS
from fairlead.keys.certificates import AUTHORITY, are_good, first_of, make

RANDOM = {
    "redis-password": 24,
    "nats-routes": 24,
    "cache-key": 32,
    "credentials-key": 32,
    "write-credentials-key": 32,
    **{f"nats-{grant.service}": 24 for grant in GRANTS},
}
"""Entries of random text, by the bytes of randomness in each. Texts are URL-safe and begin with a letter."""

SERVERS = ("nats", "redis")
"""Each has a certificate `<name>.crt` and its key `<name>.key`, signed by `ca.crt`. By that of NATS its
servers know each other, and by the password `nats-routes`."""


def missing(known: Mapping[str, bytes], hosts: Mapping[str, Sequence[str]]) -> dict[str, bytes]:
    """The entries to add or replace. `hosts` are the names that each of SERVERS is reached by."""
    added = {name: _random(size) for name, size in RANDOM.items() if not known.get(name)}
    if not are_good(known, hosts):
        added |= make(hosts)
        added[AUTHORITY] += first_of(known.get(AUTHORITY, b""))
    return added


def names() -> tuple[str, ...]:
    """Every entry that a Secret of an operator's own has to have."""
    pairs = [f"{server}.{part}" for server in SERVERS for part in ("crt", "key")]
    return (*RANDOM, AUTHORITY, *pairs)


def _random(size: int) -> bytes:
    return f"k{secrets.token_urlsafe(size)}".encode()
