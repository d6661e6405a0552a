"""What we stand behind of each application that is ours: told by us, or by whom we took it over from.

Why: a message may be lost whose author is gone. A controller compares what it believes with this, once per
poll and repository. Invariant: nothing is changed here, and of a group in doubt, or of a repository that is
another's by now, nothing is said; what we do not stand behind is asked for, and never anything else.
"""

import asyncio
from collections.abc import Callable
from functools import reduce
from operator import xor

from fairlead.bus import Handler
from fairlead.events import decode
from fairlead.events.envelope import encode
from fairlead.repo_server.answering.announce import Announcer
from fairlead.repo_server.remotes.declared import AppKey, Declared, Member
from fairlead.repo_server.remotes.following import Following, Group
from fairlead.rpc import beliefs
from fairlead.rpc.beliefs import Believed, CompareBeliefs, ComparedBeliefs, fingerprint, packed, unpacked

BATCH = 256
"""Applications between two pauses, in which others have their turn."""


class Standing:
    """Answers who asks whether we stand behind what it believes."""

    def __init__(
        self,
        *,
        declared: Declared,
        following: Following,
        announcer: Announcer,
        owns: Callable[[str], bool],
    ) -> None:
        self._owns = owns
        self._declared = declared
        self._following = following
        self._announcer = announcer

    def verbs(self) -> dict[str, Handler]:
        """What is answered, by verb."""
        return {beliefs.COMPARE: self.compare}

    async def compare(self, _: str, payload: bytes) -> bytes:
        """`CompareBeliefs` → `ComparedBeliefs`."""
        differing, unknown, unsaid = list[str](), list[int](), list[str]()
        for believed in decode(CompareBeliefs, payload).repositories:
            ours = await self._of(believed.repository)
            if ours is None:
                unsaid.append(believed.repository)
                continue
            if _equal(believed, ours):
                continue
            differing.append(believed.repository)
            known = {one for some in ours for one in some}
            unknown += [one for one in unpacked(believed.beliefs) if one not in known]
        return encode(
            ComparedBeliefs(differing=tuple(differing), unknown=packed(unknown), unsaid=tuple(unsaid))
        )

    async def _of(self, repository: str) -> list[tuple[int, ...]] | None:
        """What may be believed of each application, None while that is not known."""
        found = list[tuple[int, ...]]()
        if not self._owns(repository[:1]):
            return None
        for number, (app, wish) in enumerate(self._declared.at(repository).items()):
            if number % BATCH == BATCH - 1:
                await asyncio.sleep(0)
                if not self._owns(repository[:1]):
                    return None
            groups = self._groups(app)
            if any(group is not None and group.is_doubted for group in groups):
                return None
            believed = self._beliefs(app, wish, groups)
            if not believed and any(group is not None and group.turn.locked() for group in groups):
                return None
            found.append(believed)
        return found

    def _groups(self, app: AppKey) -> list[Group | None]:
        wish = self._declared.get(app)
        places = range(len(wish.sources) if wish else 0)
        return [self._following.group_of(Member(app, place)) for place in places]

    def _beliefs(self, app: AppKey, wish: str, groups: list[Group | None]) -> tuple[int, ...]:
        """What the group's commits say of who is placed at them, and else what was told last.

        While a move is told, it holds before the move and after it.
        """
        last = self._announcer.last(app)
        if last is not None and last.sources_digest != wish:
            last = None
        if last is None or last.failure is None:
            placed = [g for place, g in enumerate(groups) if g and g.has_placed(Member(app, place))]
            if placed and len(placed) == len(groups):
                commits = [tuple(g.commit for g in placed), tuple(g.told for g in placed)]
                return tuple(fingerprint(*app, wish, found, "") for found in dict.fromkeys(commits))
        if last is None:
            return ()
        return (fingerprint(*app, wish, last.rendered, last.failure.message if last.failure else ""),)


def _equal(believed: Believed, ours: list[tuple[int, ...]]) -> bool:
    return believed.digest == reduce(xor, (some[0] for some in ours if some), 0)
