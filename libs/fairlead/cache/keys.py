"""The only place a cache key is built."""

from typing import NewType

Key = NewType("Key", str)

PREFIX = "fl1"
"""Changes when the meaning of any value changes; old values are then never read."""


def manifests(digest: str) -> Key:
    """A rendered set, by the digest of its documents."""
    return Key(f"{PREFIX}:manifests:{digest}")


def render(wish: str) -> Key:
    """What is remembered of the renders of one wish: read sets and the digests they led to."""
    return Key(f"{PREFIX}:render:{wish}")


def revoked(token_id: str) -> Key:
    """A session that was logged out."""
    return Key(f"{PREFIX}:revoked:{token_id}")
