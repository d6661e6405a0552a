"""Which application wants what: the `sources` bucket in memory, turned around by repository.

Invariant: what is here is a wish the controller wrote; the newest one wins, whichever way it arrived.
"""

import asyncio
from collections.abc import Callable, Iterator
from typing import NamedTuple

import structlog

from fairlead.bus import Bus, Entry
from fairlead.bus.topology import SOURCES_BUCKET
from fairlead.events import SchemaError, SourcesWanted, decode, subjects
from fairlead.matching.repository import partition
from fairlead.matching.repository import token as token_of

log = structlog.get_logger(__name__)


class AppKey(NamedTuple):
    """Names an application."""

    namespace: str
    name: str


class Member(NamedTuple):
    """One source of an application, by its place."""

    app: AppKey
    place: int


def part_of(wish: SourcesWanted) -> str:
    """The partition whose owner answers a wish: that of its first repository."""
    return partition(wish.home)


OnChange = Callable[[AppKey, SourcesWanted | None, SourcesWanted | None], None]


class Declared:
    """All wishes. `on_change` is told of each that is new, other or gone."""

    def __init__(self, bus: Bus, on_change: OnChange) -> None:
        self._bucket = bus.key_value(SOURCES_BUCKET)
        self._on_change = on_change
        self._wishes: dict[AppKey, tuple[int, SourcesWanted]] = {}
        self._at: dict[str, dict[AppKey, str]] = {}
        self._seen: set[AppKey] = set()
        self._ready = asyncio.Event()
        bus.on_wipe(self._forget_revisions)

    async def watch(self) -> None:
        """Follow the bucket for ever."""
        self._seen = set()
        async for entry in self._bucket.watch():
            if entry.key:
                self._try(entry)
            else:
                self._complete()

    def _try(self, entry: Entry) -> None:
        """Whatever one wish brings about, the others are taken."""
        try:
            self._take(entry)
        except Exception:
            log.exception("wish.broke", key=entry.key)

    async def wait_ready(self) -> None:
        """Return once every present wish was read."""
        await self._ready.wait()

    @property
    def is_ready(self) -> bool:
        """Whether every present wish was read."""
        return self._ready.is_set()

    def get(self, app: AppKey) -> SourcesWanted | None:
        """The wish as it is known."""
        known = self._wishes.get(app)
        return known[1] if known else None

    def at(self, repository: str) -> dict[AppKey, str]:
        """The digests of the wishes whose first repository has this token."""
        return dict(self._at.get(repository, {}))

    def in_part(self, part: str) -> Iterator[tuple[AppKey, SourcesWanted]]:
        """The applications of a partition and their wishes."""
        for apps in [apps for token, apps in self._at.items() if token[0] == part]:
            for app in tuple(apps):
                if (wish := self.get(app)) is not None:
                    yield app, wish

    def __iter__(self) -> Iterator[AppKey]:
        return iter(tuple(self._wishes))

    async def current(self, app: AppKey, *, at_least: int) -> SourcesWanted | None:
        """The wish as the bucket has it now; known ones at revision `at_least` > 0 are good enough.

        Raises:
            BusUnavailableError: the bucket could not be asked.
        """
        known = self._wishes.get(app)
        if known is None or at_least <= 0 or known[0] < at_least:
            entry = await self._bucket.get(subjects.app_tokens(*app))
            if entry is None:
                return self.get(app)
            self._take(entry)
        return self.get(app)

    def _take(self, entry: Entry) -> None:
        app = AppKey(*subjects.app_of(entry.key))
        self._seen.add(app)
        revision, before = self._wishes.get(app, (0, None))
        if entry.revision <= revision:
            return
        if entry.value is None:
            self._drop(app)
            return
        try:
            wish = decode(SourcesWanted, entry.value)
        except SchemaError as error:
            log.warning("wish.refused", app=app, error=str(error))
            return
        self._wishes[app] = (entry.revision, wish)
        if wish != before:
            self._turn(app, before, wish)
            self._on_change(app, before, wish)

    def _forget_revisions(self) -> None:
        """The bucket is a new one, which counts from the start."""
        self._wishes = {app: (0, wish) for app, (_, wish) in self._wishes.items()}

    def _complete(self) -> None:
        """The bucket was delivered whole: who is not in it is gone."""
        for app in self._wishes.keys() - self._seen:
            self._drop(app)
        self._seen = set()
        self._ready.set()

    def _drop(self, app: AppKey) -> None:
        known = self._wishes.pop(app, None)
        if known is not None:
            self._turn(app, known[1], None)
            self._on_change(app, known[1], None)

    def _turn(self, app: AppKey, before: SourcesWanted | None, after: SourcesWanted | None) -> None:
        """Keep what is turned around by repository."""
        if before is not None:
            token = token_of(before.home)
            self._at[token].pop(app)
            if not self._at[token]:
                del self._at[token]
        if after is not None:
            self._at.setdefault(token_of(after.home), {})[app] = after.digest
