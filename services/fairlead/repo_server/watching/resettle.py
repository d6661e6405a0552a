"""Settings changed: whoever would be rendered otherwise now is rendered again, and nobody else.

Invariant: of a member in a group's index the last answer fits the settings in force, or an advance that
mends it is owed.
"""

import asyncio

import structlog

from fairlead.events import Cause, Look, SourcesWanted
from fairlead.git.revisions import Resolved
from fairlead.repo_server.remotes.declared import AppKey, Declared, Member
from fairlead.repo_server.remotes.following import Following, Group
from fairlead.repo_server.rendering.located import Located, SourceAt
from fairlead.repo_server.rendering.memory import Memory
from fairlead.repo_server.rendering.wish import renders
from fairlead.repo_server.watching.advance import Advancer

log = structlog.get_logger(__name__)

BATCH = 256
"""Applications whose records are loaded at a time."""


class Resettler:
    """Goes over the wishes that are ours when it is woken."""

    def __init__(
        self, *, declared: Declared, following: Following, memory: Memory, advancer: Advancer
    ) -> None:
        self._declared = declared
        self._following = following
        self._memory = memory
        self._advancer = advancer
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """The settings are others."""
        self._woken.set()

    async def run(self) -> None:
        """Wait for changes for ever."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            try:
                await self._go_over()
            except Exception:
                log.exception("render.settings.not_applied")

    async def _go_over(self) -> None:
        apps, concerned = list(self._declared), 0
        for start in range(0, len(apps), BATCH):
            batch = {app: located for app in apps[start : start + BATCH] if (located := self._located(app))}
            await self._memory.load([name for app in batch for name in self._names(app, batch[app])])
            for app, located in batch.items():
                concerned += await self._reconsider(app, located)
        log.info("render.settings.applied", applications=len(apps), concerned=concerned)

    def _names(self, app: AppKey, located: list[Located]) -> list[str]:
        wish = self._declared.get(app)
        if wish is None or len(wish.sources) != len(located):
            return []
        return [self._memory.name(SourceAt(wish, place, located)) for place in _places(wish)]

    async def _reconsider(self, app: AppKey, located: list[Located]) -> bool:
        """Whether an application is to be answered again. What became of it meanwhile is found by others."""
        wish = self._declared.get(app)
        if wish is None or len(wish.sources) != len(located):
            return False
        is_concerned = False
        for place in _places(wish):
            group = self._following.group_of(Member(app, place))
            if group is not None and await self._memory.remembered(SourceAt(wish, place, located)) is None:
                group.displace(Member(app, place))
                self._advancer.owe(group, Cause.SETTINGS)
                is_concerned = True
        return is_concerned

    def _located(self, app: AppKey) -> list[Located] | None:
        """The sources where their groups are; None for an application that nobody was told anything of."""
        wish = self._declared.get(app)
        groups = (
            [self._following.group_of(Member(app, place)) for place in range(len(wish.sources))]
            if wish
            else []
        )
        found = [_at(group) for group in groups if group is not None and group.commit]
        return found if found and len(found) == len(groups) else None


def _places(wish: SourcesWanted) -> list[int]:
    return [place for place, source in enumerate(wish.sources) if renders(source)]


def _at(group: Group) -> Located:
    return Located(
        repository=group.repository, resolved=Resolved(ref=group.ref, commit=group.commit), look=Look()
    )
