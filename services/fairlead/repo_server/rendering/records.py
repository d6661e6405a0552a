"""What is remembered of renders: what was read at which commit, and the digest it led to.

In memory, bounded, and in Redis, so that a restart renders nothing again. What is in use is prolonged there.
Losing a record costs a render.

Invariant: a record is used only where everything it depends on is proven to be the same.
"""

from collections import OrderedDict
from collections.abc import Sequence

from fairlead.cache import Cache, Key, keys
from fairlead.events import Event, SchemaError, decode
from fairlead.events.envelope import encode

BATCH = 512
"""Keys that are prolonged in one round trip."""
CAPACITY = 20_000
"""Records kept in memory; one takes about a kilobyte."""


class Reading(Event, frozen=True, kw_only=True):
    """The paths that were read of one repository at one commit; a directory stands for all below it, and
    with a slash at its end for the names in it.

    `proof` is a digest of what was at those paths; "" when it cannot be had, and then nothing equals it.
    """

    commit: str
    paths: tuple[str, ...] = ()
    proof: str = ""


class Record(Event, frozen=True, kw_only=True):
    """One render of one source. `readings` are by ref name, "" being the source's own repository.

    `options` is the digest of everything but Git's content that mattered to the tool; `opened` are addresses
    that were read with credentials, so that it is only for who is permitted these. With `is_common` nothing
    went into it that is for one application alone, or may name it.
    """

    digest: str
    source_type: str
    options: str
    readings: dict[str, Reading]
    opened: tuple[str, ...] = ()
    is_common: bool = False


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

    def kept(self, name: str) -> Record | None:
        """The record, if it is in memory."""
        return self._kept.get(name)

    async def put(self, name: str, record: Record) -> None:
        """Remember it here and in Redis; its manifests are there already."""
        self.keep(name, record)
        await self._cache.put_many(self.stored(name, record))

    async def load(self, names: Sequence[str]) -> None:
        """Bring records from Redis into memory, in one round trip."""
        missing = [name for name in names if name not in self._kept]
        found = await self._cache.get_many([keys.render(name) for name in missing])
        for name, stored in zip(missing, found, strict=True):
            record = _decoded(stored)
            if record is not None:
                self.keep(name, record)

    def doubt(self) -> None:
        """Others may have rendered since: Redis has what was rendered last."""
        self._kept.clear()

    def keep(self, name: str, record: Record) -> None:
        """Remember in memory."""
        self._kept[name] = record
        self._kept.move_to_end(name)
        while len(self._kept) > self._capacity:
            self._kept.popitem(last=False)

    async def prolong(self) -> None:
        """Let Redis keep what is in use, and put back what it lost. Sets that it lost are rendered anew."""
        names = list(self._kept)
        for start in range(0, len(names), BATCH):
            batch = {name: self._kept[name] for name in names[start : start + BATCH] if name in self._kept}
            sets = {keys.manifests(record.digest) for record in batch.values()}
            here = await self._cache.prolong([*map(keys.render, batch), *sets])
            if here is None:
                return
            lost = [name for name, is_here in zip(batch, here, strict=False) if not is_here]
            if lost:
                await self._cache.put_many({keys.render(name): encode(batch[name]) for name in lost})

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
