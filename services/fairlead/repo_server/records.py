"""What is remembered of renders: what was read at which commit, and the digest it led to.

In memory, bounded, and in Redis, so that a restart renders nothing again. Losing a record costs a render.

Invariant: a record is used only where everything it depends on is proven to be the same.
"""

from collections import OrderedDict
from collections.abc import Sequence

from fairlead.cache import Cache, Key, keys
from fairlead.events import Event, SchemaError, decode
from fairlead.events.envelope import encode

CAPACITY = 20_000
"""Records kept in memory; one takes about a kilobyte."""


class Reading(Event, frozen=True, kw_only=True):
    """The paths that were read of one repository at one commit; a directory stands for all below it."""

    commit: str
    paths: tuple[str, ...] = ()


class Record(Event, frozen=True, kw_only=True):
    """One render of one source. `readings` are by ref name, "" being the source's own repository.

    `options` is the digest of everything but Git's content that mattered to the tool.
    """

    digest: str
    source_type: str
    options: str
    readings: dict[str, Reading]


class Records:
    """Records by the name of what was asked."""

    def __init__(self, cache: Cache, capacity: int = CAPACITY) -> None:
        self._cache = cache
        self._capacity = capacity
        self._kept: OrderedDict[str, Record] = OrderedDict()

    async def get(self, name: str) -> Record | None:
        """The record, from memory or Redis."""
        if name not in self._kept:
            await self.load([name])
        return self._kept.get(name)

    async def load(self, names: Sequence[str]) -> None:
        """Bring records from Redis into memory, in one round trip."""
        missing = [name for name in names if name not in self._kept]
        found = await self._cache.get_many([keys.render(name) for name in missing])
        for name, stored in zip(missing, found, strict=True):
            record = _decoded(stored)
            if record is not None:
                self.keep(name, record)

    def keep(self, name: str, record: Record) -> None:
        """Remember in memory."""
        self._kept[name] = record
        self._kept.move_to_end(name)
        while len(self._kept) > self._capacity:
            self._kept.popitem(last=False)

    async def forget(self, name: str) -> None:
        """Drop it everywhere, so that whoever asks next renders."""
        self._kept.pop(name, None)
        await self._cache.forget(keys.render(name))

    @staticmethod
    def stored(name: str, record: Record) -> dict[Key, bytes]:
        """The record as it goes to Redis, along with the manifests it names."""
        return {keys.render(name): encode(record)}


def _decoded(stored: bytes | None) -> Record | None:
    if stored is None:
        return None
    try:
        return decode(Record, stored)
    except SchemaError:
        return None
