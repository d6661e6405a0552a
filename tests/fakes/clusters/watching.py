"""Watches: what was written since a version, then everything that is, with a bookmark now and then.

Invariant: what a watch was told up to a bookmark's version is everything there was up to it. One timer serves
all watches of a process, however many there are.
"""

import asyncio
from collections import deque
from collections.abc import Callable

import msgspec

from tests.fakes.clusters.kinds import Kind
from tests.fakes.clusters.messages import Asked, RefusedError, Streamed
from tests.fakes.clusters.reading import metadata_of, partial
from tests.fakes.clusters.selecting import selector
from tests.fakes.clusters.store import Change, ExpiredError, Store

BOOKMARK_SECONDS = 60.0
TICKS = 60
"""Parts of that in which the watches take turns."""
Write = Callable[[bytes], None]


class Watch:
    """One of a client's watches, until it ends."""

    def __init__(self, store: Store, kind: Kind, namespace: str, asked: Asked, write: Write) -> None:
        self._store, self._kind, self._namespace = store, kind, namespace
        self._test = selector(asked.query)
        self._is_partial = asked.wants_metadata
        self._write = write
        self.wants_bookmarks = asked.query.get("allowWatchBookmarks") in ("1", "true")

    def begin(self, version: str) -> Callable[[], None] | None:
        """Tell of what was written since; the answer ends the watch. None when it cannot begin there."""
        try:
            since = int(version) if version not in ("", "0") else 0
            if since:
                changes = self._store.since(since)
            else:
                changes = []
                self._tell_all()
        except ExpiredError:
            words = f"too old resource version: {version} ({self._store.version})"
            self._write(_line(b"ERROR", msgspec.json.encode(RefusedError(410, "Expired", words).status)))
            return None
        for change in changes:
            self.take(change)
        return self._store.listen(self._kind, self.take)

    def take(self, change: Change) -> None:
        """A write."""
        if change.kind is not self._kind or self._namespace not in ("", change.name[0]):
            return
        kind, raw = change.type, change.told
        if self._test is not None:
            was = change.before is not None and self._test(metadata_of(change.before))
            is_ = change.after is not None and self._test(metadata_of(change.after))
            if not was and not is_:
                return
            kind = "MODIFIED" if was and is_ else "ADDED" if is_ else "DELETED"
        self._write(_line(kind.encode(), partial(raw) if self._is_partial else raw))

    def bookmark(self) -> None:
        """Say how far everything was told."""
        name, version = (
            ("PartialObjectMetadata", "meta.k8s.io/v1")
            if self._is_partial
            else (self._kind.name, self._kind.api_version)
        )
        self._write(
            b'{"type":"BOOKMARK","object":{"kind":"%b","apiVersion":"%b","metadata":{"resourceVersion":"%d",'
            b'"creationTimestamp":null}}}\n' % (name.encode(), version.encode(), self._store.version)
        )

    def _tell_all(self) -> None:
        for item in self._store.items(self._kind, self._namespace):
            raw = self._store.get(self._kind, item.name)
            if raw is not None:
                version = int(metadata_of(raw)["resourceVersion"])
                self.take(Change(version, self._kind, item.name, None, raw, raw))


class Watches:
    """All watches of a process."""

    def __init__(self, seconds: float = BOOKMARK_SECONDS) -> None:
        self._seconds = seconds
        self._turns: deque[set[Watch]] = deque(set() for _ in range(TICKS))
        self._timer: asyncio.TimerHandle | None = None
        self._newest = 0

    def __len__(self) -> int:
        return sum(map(len, self._turns))

    def opened(self, store: Store, kind: Kind, namespace: str, asked: Asked) -> Streamed:
        """A watch that somebody asked for. Raises RefusedError."""
        selector(asked.query)
        seconds = float(asked.query.get("timeoutSeconds") or 1800.0)

        def begin(write: Write, end: Callable[[], None]) -> Callable[[], None]:
            watch = Watch(store, kind, namespace, asked, write)
            stop = watch.begin(asked.query.get("resourceVersion", ""))
            if stop is None:
                return asyncio.get_running_loop().call_soon(end).cancel
            self._newest = (self._newest + 1) % TICKS
            turn = self._turns[self._newest]
            turn.add(watch)
            timer = asyncio.get_running_loop().call_later(seconds, end)
            self._wind()

            def ended() -> None:
                stop()
                timer.cancel()
                turn.discard(watch)

            return ended

        return Streamed(begin)

    def close(self) -> None:
        """No more bookmarks."""
        if self._timer is not None:
            self._timer.cancel()

    def _wind(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._seconds / TICKS, self._ring)

    def _ring(self) -> None:
        self._timer = None
        turn = self._turns[0]
        self._turns.rotate(-1)
        for watch in list(turn):
            if watch.wants_bookmarks:
                watch.bookmark()
        self._wind()


def _line(kind: bytes, raw: bytes) -> bytes:
    return b'{"type":"%b","object":%b}\n' % (kind, raw)
