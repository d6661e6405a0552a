"""The only place a cache key is built, and which kinds of values there are."""

from typing import NewType

import msgspec

Key = NewType("Key", str)

PREFIX = "fl2"
"""Changes when the meaning of any value changes; old values are then never read."""


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of values with a key of its own. Of a private one only its writer's processes have the key."""

    name: str
    writer: str
    is_private: bool = False

    @property
    def purpose(self) -> str:
        """What its key is derived for."""
        return f"cache/{self.name}/written by {self.writer}"


MANIFESTS = Family(name="manifests", writer="repo-server")
RENDER = Family(name="render", writer="repo-server", is_private=True)
SIGN_ON = Family(name="sign-on", writer="api-server", is_private=True)
LEDGER = Family(name="ledger", writer="app-controller", is_private=True)
FAMILIES = (MANIFESTS, RENDER, SIGN_ON, LEDGER)


def manifests(digest: str) -> Key:
    """A rendered set, by the digest of its documents."""
    return _key(MANIFESTS, digest)


def render(wish: str) -> Key:
    """What is remembered of the renders of one wish: read sets and the digests they led to."""
    return _key(RENDER, wish)


def sign_on(session: str) -> Key:
    """What is needed to ask an identity provider about the person of a session, by the session's digest."""
    return _key(SIGN_ON, session)


def ledger(namespace: str, name: str) -> Key:
    """What was compared last of an application."""
    return _key(LEDGER, f"{namespace}/{name}")


def family_of(key: str) -> Family:
    """The family of a key. Raises KeyError for one that was not built here."""
    prefix, _, rest = key.partition(":")
    name = rest.partition(":")[0]
    for family in FAMILIES:
        if prefix == PREFIX and family.name == name:
            return family
    raise KeyError(f"no family of cached values has the key {key}")


def _key(family: Family, name: str) -> Key:
    return Key(f"{PREFIX}:{family.name}:{name}")
