"""What a process remembers of messages: their threads, and how far one came that has several parts.

It is in memory alone, and bounded: what is forgotten begins a new thread, or is sent once more.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

MOST_THREADS = 10_000
"""Threads that are continued; the one used longest ago is forgotten first."""
MOST_MESSAGES = 2_000
"""Messages of which is known what was done."""


class Remembered(Generic[K, V]):
    """A dict that forgets what was used longest ago."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[K, V] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def get(self, key: K) -> V | None:
        """What is known, and used now."""
        if key in self._held:
            self._held.move_to_end(key)
        return self._held.get(key)

    def put(self, key: K, value: V) -> None:
        """Know it from now on."""
        self._held[key] = value
        self._held.move_to_end(key)
        if len(self._held) > self._most:
            self._held.popitem(last=False)

    def forget(self, key: K) -> None:
        """It is not so any more."""
        self._held.pop(key, None)


class Steps:
    """Which parts of a message are done, so that trying again does the others alone."""

    def __init__(self) -> None:
        self._done: Remembered[tuple[str, ...], set[str]] = Remembered(MOST_MESSAGES)

    def of(self, *key: str) -> set[str]:
        """The parts that are done of what the key names; add what gets done."""
        done = self._done.get(key)
        if done is None:
            done = set()
            self._done.put(key, done)
        return done
