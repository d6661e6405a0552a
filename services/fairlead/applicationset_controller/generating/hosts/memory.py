"""What hosts answered, so that an answer that has not changed is not sent, and not counted, again.

Invariant: an answer is remembered for who was shown to get it, and for nobody else.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final, NamedTuple

MOST_BYTES: Final = 8 << 20
"""Bytes of all answers, as the little of them that is used; those not asked for longest go first."""
MOST_ANSWER: Final = 1 << 20
"""Bytes of one; a longer one is asked for anew each time."""
OVERHEAD: Final = 400
"""Bytes that an entry takes beside its answer, about."""


class Answered(NamedTuple):
    """The mark under which a host knows its answer, what it came to, and where the next page is."""

    etag: str
    content: bytes
    onward: str = ""


Key = tuple[str, str, str]
"""Who was shown, the address, and the kind of what was read."""


class Memory:
    """By whom and where."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._size = 0
        self._answers: OrderedDict[Key, Answered] = OrderedDict()

    def get(self, key: Key) -> Answered | None:
        """What was answered last."""
        found = self._answers.get(key)
        if found is not None:
            self._answers.move_to_end(key)
        return found

    def put(self, key: Key, answered: Answered) -> None:
        """Remember it in the place of what was."""
        self.drop(key)
        if len(answered.content) > MOST_ANSWER:
            return
        self._answers[key] = answered
        self._size += _size(key, answered)
        while self._size > self._most:
            self._size -= _size(*self._answers.popitem(last=False))

    def drop(self, key: Key) -> None:
        """Forget it."""
        found = self._answers.pop(key, None)
        if found is not None:
            self._size -= _size(key, found)


def _size(key: Key, answered: Answered) -> int:
    return OVERHEAD + len(key[1]) + len(key[2]) + len(answered.content) + len(answered.onward)
