"""Keeps the groups equal to the wishes that are ours to answer.

Invariant: every source of every wish in a partition that we own is in exactly one group, or its address is
refused; no other is in any.
"""

import structlog

from fairlead.events import SourcesWanted
from fairlead.git import UrlRefusedError
from fairlead.repo_server.answering.announce import Announcer
from fairlead.repo_server.answering.retry import Retries
from fairlead.repo_server.remotes.declared import AppKey, Declared, Member, part_of
from fairlead.repo_server.remotes.following import Following
from fairlead.repo_server.remotes.mirrors import Mirrors
from fairlead.repo_server.remotes.repository import Repository

log = structlog.get_logger(__name__)


class Follower:
    """Reacts to wishes that come, change and go, and to partitions that do."""

    def __init__(
        self, *, mirrors: Mirrors, following: Following, announcer: Announcer, retries: Retries
    ) -> None:
        self._mirrors = mirrors
        self._following = following
        self._announcer = announcer
        self._retries = retries
        self._owned: set[str] = set()

    def changed(self, app: AppKey, before: SourcesWanted | None, after: SourcesWanted | None) -> None:
        """A wish is new, other or gone."""
        before, after = self._ours(before), self._ours(after)
        sources = after.sources if after else ()
        for place in range(len(sources), len(before.sources) if before else 0):
            self._following.leave(Member(app, place))
        for place in range(len(sources)):
            self._join(Member(app, place), after, displaced=True)
        if after is None:
            self._forget(app)

    def owns(self, part: str) -> bool:
        """Whether a partition is ours."""
        return part in self._owned

    def take(self, part: str, declared: Declared) -> set[Repository]:
        """A partition is ours from now on; the repositories that its wishes follow.

        What their members were told last is known to whoever owned it before.
        """
        self._owned.add(part)
        taken = set()
        for app, wish in declared.in_part(part):
            for place in range(len(wish.sources)):
                self._join(Member(app, place), wish)
                group = self._following.group_of(Member(app, place))
                if group is not None:
                    group.is_doubted = True
                    taken.add(group.repository)
        return taken

    def give_up(self, part: str, declared: Declared) -> None:
        """A partition is somebody else's from now on."""
        self._owned.discard(part)
        for app, wish in declared.in_part(part):
            for place in range(len(wish.sources)):
                self._following.leave(Member(app, place))
            self._forget(app)

    def doubt(self) -> None:
        """Others may have told meanwhile what is ours to tell."""
        for group in self._following:
            group.is_doubted = True

    def rejoin(self, declared: Declared) -> None:
        """Credentials changed, so an address may now be seen through another mirror; the rest stays put."""
        for app in declared:
            wish = self._ours(declared.get(app))
            for place in range(len(wish.sources) if wish else 0):
                self._join(Member(app, place), wish)

    def _ours(self, wish: SourcesWanted | None) -> SourcesWanted | None:
        return wish if wish is not None and part_of(wish) in self._owned else None

    def _forget(self, app: AppKey) -> None:
        self._announcer.forget(app)
        self._retries.done(app)

    def _join(self, member: Member, wish: SourcesWanted | None, *, displaced: bool = False) -> None:
        """Put a source where it belongs. `displaced`: what it read before says nothing any more."""
        if wish is None:
            return
        source = wish.sources[member.place]
        try:
            repository = self._mirrors.of_source(source, wish.project)
        except UrlRefusedError as error:
            self._following.leave(member)
            log.info("source.refused", app=member.app, error=str(error))
            return
        except Exception:
            self._following.leave(member)
            log.exception("source.broke", app=member.app)
            return
        group = self._following.join(
            member,
            repository,
            source.target_revision,
            source.tag_prefix,
            wish.shard,
            home=part_of(wish),
            signatures=source.signatures,
        )
        if displaced:
            group.displace(member)
