"""A Redis that lies: values flipped by a bit, exchanged for each other, or put back as they once were."""

import contextlib
import random
from collections.abc import Callable, Mapping

import redis.asyncio
import redis.exceptions

Values = Mapping[bytes, bytes]
SECONDS = 2.0
"""What Redis is given to answer."""
SOME = 20
"""Values at most that one deed changes."""
OLD_KEPT = 2000


class Poison:
    """What is done to the values of a Redis by somebody who may write to it."""

    def __init__(self, url: str, chance: random.Random) -> None:
        self._url = url
        self._chance = chance
        self._seen: dict[bytes, bytes] = {}

    async def spoil(self) -> str:
        """Change some values; in which way. A Redis that is away is left alone."""
        deeds: dict[str, Callable[[Values], Values]] = {
            "flipped": self._flipped,
            "exchanged": self._exchanged,
            "old": self._old,
        }
        deed = self._chance.choice(tuple(deeds))
        with contextlib.suppress(redis.exceptions.RedisError, OSError):
            async with redis.asyncio.Redis.from_url(self._url, socket_timeout=SECONDS) as client:
                keys = sorted([key async for key in client.scan_iter()])
                keys = self._chance.sample(keys, min(SOME, len(keys)))
                found = [await client.get(key) for key in keys]
                known = {key: value for key, value in zip(keys, found, strict=True) if value}
                for key, value in deeds[deed](known).items():
                    await client.set(key, value, keepttl=True)
                self._remember(known)
        return deed

    def _remember(self, known: Values) -> None:
        for key, value in known.items():
            self._seen.setdefault(key, value)
        while len(self._seen) > OLD_KEPT:
            self._seen.pop(next(iter(self._seen)))

    def _flipped(self, known: Values) -> Values:
        found = {}
        for key, value in known.items():
            place = self._chance.randrange(len(value))
            changed = value[place] ^ (1 << self._chance.randrange(8))
            found[key] = value[:place] + bytes([changed]) + value[place + 1 :]
        return found

    def _exchanged(self, known: Values) -> Values:
        values = list(known.values())
        return dict(zip(known, values[1:] + values[:1], strict=True))

    def _old(self, known: Values) -> Values:
        return {key: self._seen[key] for key in known if key in self._seen}
