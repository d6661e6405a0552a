"""Who of several replicas owns what: by rendezvous hashing, and by pins.

Invariant: pure and the same in every replica; one member more or less moves only what is its own.
"""

import hashlib
from collections.abc import Mapping

import msgspec


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What one replica takes for true: the members with their shard numbers, and which key has which shard.

    One without members owns nothing: its replica has left.
    """

    members: Mapping[str, int]
    pins: Mapping[str, int] = {}

    def owner(self, key: str) -> str:
        """The member that owns a key, "" when there is none.

        A pinned key goes to a member of its shard while there is one, and else to anybody: nothing is left
        without an owner.
        """
        pin = self.pins.get(key)
        pinned = [member for member, shard in self.members.items() if shard == pin]
        return max(pinned or self.members, key=lambda member: (_weight(member, key), member), default="")


def _weight(member: str, key: str) -> bytes:
    return hashlib.blake2b(f"{member}\0{key}".encode(), digest_size=8).digest()
