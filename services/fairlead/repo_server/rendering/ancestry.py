"""All that led to a commit, each looked at once: for policies that demand signatures of the whole history.

A walk goes from a commit to its parents, as far as they are not known to be good already, and ends where a
commit vouches for all before it. What was walked is remembered, so the next commit costs one step; a long
walk is made in parts, each of bounded time, and goes on where it was.

Invariant: a commit is remembered as good only once everything behind it is.
"""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable

import msgspec

from fairlead.git.objects import Objects
from fairlead.render import RenderTransientError

PART = 20.0
"""Seconds of one part of a walk: less than whoever asks waits."""
BATCH = 128
"""Commits that are read and looked at in one go."""
MAX_COMMITS = 500_000
"""Commits of one walk; what is behind them must be sealed."""
MAX_KNOWN = 1_000_000
"""Commits that are known as good, of all policies together; one takes about a hundred bytes."""
WALKS = 16
"""Walks that are under way at once or may go on."""


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a commit, "" for nothing; until which Unix second that holds, 0 for ever; and whom
    to look at next."""

    problem: str
    until: float
    parents: tuple[str, ...]


Judge = Callable[[str, bytes], Judged]


class Walk:
    """How far one walk has come."""

    def __init__(self, commit: str) -> None:
        self.waiting = deque([commit])
        self.seen = {bytes.fromhex(commit)}
        self.problems: list[str] = []
        self.until = 0.0
        self.turn = asyncio.Lock()


class Good(msgspec.Struct):
    """The commits that are good by one policy, until one of the keys expires."""

    commits: set[bytes] = msgspec.field(default_factory=set)
    until: float = 0.0


class Ancestry:
    """Walks, and what they have shown, by policy."""

    def __init__(self) -> None:
        self._good: OrderedDict[str, Good] = OrderedDict()
        self._walks: OrderedDict[tuple[str, str], Walk] = OrderedDict()

    async def problems(
        self, objects: Objects, commit: str, judge: Judge, *, identity: str, most: int
    ) -> tuple[str, ...]:
        """What is wrong with a commit and all before it, at most so many problems.

        Raises:
            RenderTransientError: there is more to be looked at; the next call goes on.
            GitError: the mirror cannot be read.
        """
        good = self._known(identity)
        if bytes.fromhex(commit) in good.commits:
            return ()
        key = (identity, commit)
        walk = self._walks.setdefault(key, Walk(commit))
        self._walks.move_to_end(key)
        while len(self._walks) > WALKS:
            self._walks.popitem(last=False)
        async with walk.turn:
            await self._go(walk, objects, judge, good, most)
        self._walks.pop(key, None)
        if not walk.problems:
            self._learn(identity, good, walk)
        return tuple(walk.problems)

    async def _go(self, walk: Walk, objects: Objects, judge: Judge, good: Good, most: int) -> None:
        ends = time.monotonic() + PART
        while walk.waiting and len(walk.problems) < most:
            if len(walk.seen) > MAX_COMMITS:
                walk.problems.append(
                    f"there are more than {MAX_COMMITS} commits to be verified: seal the history with a "
                    "signed commit that has the trailer Argocd-gpg-seal"
                )
                return
            if time.monotonic() > ends:
                raise RenderTransientError(
                    f"the signatures of {len(walk.seen)} commits were verified until now; it goes on"
                )
            batch = [walk.waiting.popleft() for _ in range(min(BATCH, len(walk.waiting)))]
            try:
                bodies = await objects.contents(batch, "commit")
                found = await asyncio.to_thread(_all_judged, judge, batch, bodies)
            except BaseException:
                walk.waiting.extendleft(reversed(batch))
                raise
            for one in found:
                _note(walk, one, good)
        del walk.problems[most:]

    def _known(self, identity: str) -> Good:
        good = self._good.setdefault(identity, Good())
        if good.until and good.until <= time.time():
            good = self._good[identity] = Good()
        self._good.move_to_end(identity)
        return good

    def _learn(self, identity: str, good: Good, walk: Walk) -> None:
        good.commits |= walk.seen
        good.until = min(filter(None, (good.until, walk.until)), default=0.0)
        while len(self._good) > 1 and sum(len(one.commits) for one in self._good.values()) > MAX_KNOWN:
            self._good.popitem(last=False)


def _all_judged(judge: Judge, oids: list[str], bodies: list[bytes]) -> list[Judged]:
    return [judge(oid, body) for oid, body in zip(oids, bodies, strict=True)]


def _note(walk: Walk, found: Judged, good: Good) -> None:
    if found.problem:
        walk.problems.append(found.problem)
    walk.until = min(filter(None, (walk.until, found.until)), default=0.0)
    for parent in found.parents:
        oid = bytes.fromhex(parent)
        if oid not in walk.seen and oid not in good.commits:
            walk.seen.add(oid)
            walk.waiting.append(parent)
