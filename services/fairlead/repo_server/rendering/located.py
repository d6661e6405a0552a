"""A source of a wish at the commit that its revision means, and what a render of it is asked with.

Invariant: what is told of one source depends on the wish and on the commits of all its sources, and on
nothing that may change while it is rendered.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from fairlead.events import Capabilities, Look, RenderSettings, RepositorySource, SourcesWanted
from fairlead.git.revisions import Resolved
from fairlead.matching.repository import without_password
from fairlead.render import RefSource, RenderRequest
from fairlead.repo_server.remotes.repository import Repository
from fairlead.repo_server.rendering.sidecars import Asking
from fairlead.repo_server.rendering.wish import InvalidWishError, asker_of, request_of, used_refs
from fairlead.repo_server.supplying.provider import Asker

SHOWN = 12
"""Characters of a revision that people are told."""


class Located(msgspec.Struct, frozen=True, kw_only=True):
    """A source's repository, the commit its revision means, and the look at the remote that says so."""

    repository: Repository
    resolved: Resolved
    look: Look

    @property
    def commit(self) -> str:
        """The commit."""
        return self.resolved.commit

    @property
    def revision(self) -> str:
        """What people are told of it."""
        return self.resolved.revision


class SourceAt(msgspec.Struct, frozen=True):
    """One source of a wish, `place` counted from 0, among the commits of all of them."""

    wish: SourcesWanted
    place: int
    located: list[Located]

    @property
    def source(self) -> RepositorySource:
        """The source."""
        return self.wish.sources[self.place]

    @property
    def here(self) -> Located:
        """Where it is."""
        return self.located[self.place]

    @property
    def repository(self) -> Repository:
        """Its repository."""
        return self.here.repository

    @property
    def commits(self) -> dict[str, tuple[Repository, str]]:
        """Repository and commit by ref name, "" for the source's own."""
        pairs = zip(self.wish.sources, self.located, strict=True)
        found = {source.ref: (one.repository, one.commit) for source, one in pairs}
        return {**found, "": (self.repository, self.here.commit)}

    def refs(self, options: Mapping[str, object]) -> dict[str, RefSource]:
        """The other sources that options name."""
        return {
            self.wish.sources[other].ref: RefSource(
                mirror=self.located[other].repository.mirror.path.absolute(),
                commit=self.located[other].commit,
            )
            for other in used_refs(self.wish, options)
        }

    def request(self, serving: Capabilities, settings: RenderSettings) -> RenderRequest:
        """What the engine is asked, as the Application has it."""
        refs = self.refs(self.source.options)
        return request_of(
            self.wish,
            self.source,
            self.repository,
            self.here.resolved,
            refs,
            serving=serving,
            settings=settings,
        )

    def asker(self, refs: Mapping[str, RefSource] | None = None, *, is_fresh: bool = False) -> Asker:
        """On whose behalf what is missing is obtained."""
        mirror = self.repository.mirror.path.absolute()
        asker = asker_of(self.wish, self.source, mirror, self.here.commit, refs)
        return msgspec.structs.replace(asker, fresh=is_fresh)

    def asking(self, request: RenderRequest, *, is_fresh: bool = False) -> Asking:
        """The source as plugins are asked about it."""
        return Asking(
            request=request,
            mirror=self.repository.mirror,
            instance=self.wish.instance,
            url=self.repository.fetched_from,
            credential=self.repository.credential(),
            annotation=self.wish.manifest_generate_paths,
            is_fresh=is_fresh,
            asker=self.asker(),
        )

    def require_one_revision(self, options: Mapping[str, object]) -> None:
        """Raises InvalidWishError where a render would see one repository at two revisions (contract 2.1)."""
        if len(self.located) == 1:
            return
        met: dict[str, int] = {}
        for other in (self.place, *used_refs(self.wish, options)):
            first = met.setdefault(self.located[other].repository.mirror.name, other)
            if self.located[first].commit != self.located[other].commit:
                raise InvalidWishError(
                    "one repository is referenced at two revisions in one render: "
                    f"{without_password(self.wish.sources[other].repo_url)} at {self._at(first)} "
                    f"and, as ${self.wish.sources[other].ref}, at {self._at(other)}"
                )

    def _at(self, place: int) -> str:
        target = self.wish.sources[place].target_revision or "HEAD"
        return f"{target} ({self.located[place].revision[:SHOWN]})"
