"""Keeps the groups equal to the wishes, and warms them after a start.

Invariant: every source of every wish is in exactly one group, or its address is refused.
"""

import asyncio

import structlog

from fairlead.bus import BusUnavailableError
from fairlead.events import SourcesWanted, Trace, trace
from fairlead.git import GitError, UrlRefusedError
from fairlead.git.revisions import resolve
from fairlead.repo_server.announce import Announcer
from fairlead.repo_server.declared import AppKey, Declared, Member
from fairlead.repo_server.following import Following, Group
from fairlead.repo_server.histories import Histories
from fairlead.repo_server.mirrors import Mirrors
from fairlead.repo_server.render import Located, Renderer
from fairlead.repo_server.retry import Retries
from fairlead.repo_server.wish import renders

log = structlog.get_logger(__name__)

WARM_AGAIN = 5.0
"""Seconds between two tries to warm groups."""
BATCH = 256
"""Records that are loaded at a time."""


class Follower:
    """Reacts to wishes that come, change and go."""

    def __init__(
        self,
        *,
        mirrors: Mirrors,
        following: Following,
        renderer: Renderer,
        announcer: Announcer,
        retries: Retries,
        histories: Histories,
    ) -> None:
        self._mirrors = mirrors
        self._following = following
        self._renderer = renderer
        self._announcer = announcer
        self._retries = retries
        self._histories = histories

    def changed(self, app: AppKey, before: SourcesWanted | None, after: SourcesWanted | None) -> None:
        """A wish is new, other or gone."""
        sources = after.sources if after else ()
        for place in range(len(sources), len(before.sources) if before else 0):
            self._following.leave(Member(app, place))
        for place in range(len(sources)):
            self._join(Member(app, place), after, displaced=True)
        if after is None:
            self._announcer.forget(app)
            self._retries.done(app)

    def rejoin(self, declared: Declared) -> None:
        """Credentials changed, so an address may now be seen through another mirror; the rest stays put."""
        for app in declared:
            wish = declared.get(app)
            for place in range(len(wish.sources) if wish else 0):
                self._join(Member(app, place), wish)

    async def warm(self, declared: Declared) -> None:
        """After a start: what the mirrors have is compared with what is remembered.

        No remote is asked, and nothing is told: what a mirror remembers may be old. The first look, which
        follows, advances the groups that lag. Those whose repository was never fetched wait for a request.
        """
        left = list(self._following)
        while left := [group for group in left if not await self._is_warmed(group, declared)]:
            await asyncio.sleep(WARM_AGAIN)

    async def _is_warmed(self, group: Group, declared: Declared) -> bool:
        """Whether a group needs no further try; not so while the bus or a process is not to be had."""
        with trace.following(Trace.start()):
            try:
                await self._warm(group, declared)
            except (GitError, BusUnavailableError, OSError) as error:
                log.warning("group.not_warmed", repository=group.repository.identity, error=str(error))
                return isinstance(error, GitError) or not group.members
        return True

    async def _warm(self, group: Group, declared: Declared) -> None:
        repository = group.repository
        await repository.mirror.open()
        if group.commit or repository.mirror.is_empty:
            return
        found = await resolve(
            group.revision, repository.mirror, repository.remote, tag_prefix=group.tag_prefix
        )
        group.commit, group.ref = found.commit, found.ref
        group.told = await self._told(group)
        here = Located(repository=repository, resolved=found, look=repository.look)
        wishes = {m: w for m in group.members if (w := declared.get(m.app)) and len(w.sources) == 1}
        names = [self._renderer.name(wish, 0, [here]) for wish in wishes.values() if renders(wish.sources[0])]
        for start in range(0, len(names), BATCH):
            await self._renderer.load(names[start : start + BATCH])
        for member, wish in wishes.items():
            record = await self._renderer.remembered(wish, 0, [here])
            if record is not None and member in group.members:
                group.place(member, found.commit, record.readings[""].paths)
        group.overdue = set(group.unplaced)
        log.info(
            "group.warmed",
            repository=repository.identity,
            members=len(group.members),
            unknown=len(group.unplaced),
        )

    async def _told(self, group: Group) -> str:
        """The commit that the members were told of last, as far as that is known and still here."""
        repository = group.repository
        told = (await self._histories.of(repository.identity, group.revision)).commit
        is_here = bool(told) and await repository.mirror.objects.has_commit(told)
        return told if is_here else group.commit

    def _join(self, member: Member, wish: SourcesWanted | None, *, displaced: bool = False) -> None:
        """Put a source where it belongs. `displaced`: what it read before says nothing any more."""
        if wish is None:
            return
        source = wish.sources[member.place]
        try:
            repository = self._mirrors.of(source.repo_url, wish.project)
        except UrlRefusedError as error:
            self._following.leave(member)
            log.info("source.refused", app=member.app, error=str(error))
            return
        group = self._following.join(
            member, repository, source.target_revision, source.tag_prefix, wish.shard
        )
        if displaced:
            group.displace(member)
