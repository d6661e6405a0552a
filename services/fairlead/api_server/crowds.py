"""Streams of the same question by the same reader: what they are told is found out and encoded once for all.

Why: a change of one Application is told to everybody who has a list of them open. The invariant: who joins
sees what is there, as rights are then, and then every change after it; one that falls behind is cut off, and
holds up no other.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, Generic, Protocol, TypeVar

from fairlead.api_server.mirror import Change, Mirror
from fairlead.api_server.operations.refusal import Code, RefusalError

BEAT = 5.0
"""Seconds between looks at whether the reader's rights are others, when nothing changes."""
EACH = 0.015
"""Seconds for which more is gathered after each event that was told: a single one is told at once."""
LONGEST = 0.3
"""Seconds that a change waits for others at most."""
BEHIND = 1024
"""Events a stream may be behind before it is cut off."""
SLOW = "the client was too slow; watch again"


class Told(Protocol):
    """Some events, which are told together."""

    def __len__(self) -> int: ...


class Teller(Protocol):
    """What a crowd knows of what it has been told."""

    @property
    def is_current(self) -> bool:
        """Whether that is as the reader's rights are now."""

    async def after(self, changes: Sequence[Change[Any]]) -> Sequence[Told]:
        """What is to be told of changes, and of rights that are others by now."""


K = TypeVar("K", bound=Teller)


class Member:
    """One stream."""

    def __init__(self) -> None:
        self._waiting: deque[Told] = deque()
        self._behind = 0
        self._woken = asyncio.Event()
        self._end: Exception | None = None

    def add(self, told: Sequence[Told]) -> None:
        """More to be told, which may be much at once; who has not read that is cut off with the next."""
        if told and self._behind > BEHIND:
            self.end(RefusalError(Code.OUT_OF_RANGE, SLOW))
        if told and self._end is None:
            self._waiting.extend(told)
            self._behind += sum(map(len, told))
            self._woken.set()

    def end(self, error: Exception) -> None:
        """Nothing more will come, for this reason."""
        self._end = self._end or error
        self._waiting.clear()
        self._woken.set()

    async def next(self, *, seconds: float) -> Told | None:
        """What is to be told next, or None when there was nothing for so long. Raises what ended it."""
        if not self._waiting and self._end is None:
            self._woken.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._woken.wait()
        if self._end is not None:
            raise self._end
        if not self._waiting:
            return None
        events = self._waiting.popleft()
        self._behind -= len(events)
        return events


class Crowd(Generic[K]):
    """Streams that are told the same, by `teller`, of what changes in a mirror and is `wanted`."""

    def __init__(
        self, mirror: Mirror[Any], wanted: Callable[[Any], bool] | None, make: Callable[[], K]
    ) -> None:
        self._stack = ExitStack()
        self._subscription = self._stack.enter_context(mirror.subscribed(wanted))
        try:
            self.teller = make()
        except BaseException:
            self._stack.close()
            raise
        self.members: set[Member] = set()
        self._task = asyncio.create_task(self._run())

    @property
    def is_over(self) -> bool:
        """Whether its members are told nothing more."""
        return self._task.done()

    def close(self) -> None:
        """Nobody listens any more."""
        self._task.cancel()
        self._stack.close()

    async def _run(self) -> None:
        try:
            while True:
                changes = await self._subscription.some(seconds=BEAT)
                if self._subscription.overrun:
                    raise RefusalError(Code.OUT_OF_RANGE, SLOW)  # noqa: TRY301 - as any other end
                members = tuple(self.members)
                told = await self.teller.after(changes)
                for member in members:
                    member.add(told)
                await asyncio.sleep(min(LONGEST, EACH * sum(map(len, told))))
        except Exception as error:
            for member in self.members:
                member.end(error)


class Crowds:
    """All crowds, by who asks what."""

    def __init__(self) -> None:
        self._crowds: dict[Hashable, Crowd[Any]] = {}

    @contextmanager
    def joined(self, key: Hashable, begin: Callable[[], Crowd[K]]) -> Iterator[tuple[K, Member]]:
        """A stream while the block runs, in the crowd of a key, which `begin` makes. Raises what it does.

        Nobody joins a crowd that has not been told yet that rights are others: it would show what they were.
        """
        crowd = self._crowds.get(key)
        if crowd is None or crowd.is_over or not crowd.teller.is_current:
            crowd = self._crowds[key] = begin()
        member = Member()
        crowd.members.add(member)
        try:
            yield crowd.teller, member
        finally:
            crowd.members.discard(member)
            if not crowd.members:
                crowd.close()
                if self._crowds.get(key) is crowd:
                    del self._crowds[key]
