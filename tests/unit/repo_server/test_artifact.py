"""What the revisions of an artifact mean, whatever is pushed, deleted and looked at in which order."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.charts import choose
from fairlead.charts.errors import ChartVersionError
from fairlead.events import Cause
from fairlead.git import GitProgram, MovedRef, RevisionError
from fairlead.git.revisions import Resolved
from fairlead.oci import OciNotFoundError
from fairlead.process.handed_credentials import Repositories
from fairlead.repo_server.remotes.artifact import Artifact
from fairlead.repo_server.remotes.mirrors import Mirrors
from fairlead.repo_server.remotes.repository import Repository

FOLLOWED = ("stable", "1.0.0", "1.x", "^2", "*", "")
TAGS = ("stable", "1.0.0", "1.1.0", "1.2.0-rc.1", "2.0.0", "2.1.0_build", "other")

Step = tuple[str, str, int]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("push"), st.sampled_from(TAGS), st.integers(1, 9)),
        st.tuples(st.just("delete"), st.sampled_from(TAGS), st.just(0)),
        st.tuples(st.just("look"), st.just(""), st.just(0)),
        st.tuples(st.just("resolve"), st.sampled_from(FOLLOWED), st.just(0)),
    ),
    max_size=30,
)


def digest(number: int) -> str:
    return f"sha256:{number:064x}"


class FakeRegistry:
    """Tags and their digests."""

    def __init__(self) -> None:
        self.has: dict[str, str] = {}

    async def tags(self) -> tuple[str, ...]:
        return tuple(self.has)

    async def digest_of(self, tag: str) -> str:
        if tag not in self.has:
            raise OciNotFoundError("no such tag")
        return self.has[tag]


class Scene:
    """An artifact of which some revisions are followed, and what it has been told."""

    def __init__(self, folder: Path) -> None:
        self.registry, self.moves = FakeRegistry(), list[MovedRef]()
        mirrors = Mirrors(
            folder=folder,
            program=GitProgram(home=folder),
            book=Repositories(),
            moved=self._moved,
            followed=lambda _: FOLLOWED,
        )
        self.artifact = cast(Artifact, mirrors.of("oci://registry.example/team/web", "default"))
        anything = cast(Any, self.artifact)
        anything.registry = self._registry
        anything._at = self._at

    async def _moved(self, _: Repository, moves: tuple[MovedRef, ...], __: Cause) -> None:
        self.moves += moves

    async def _registry(self) -> FakeRegistry:
        return self.registry

    async def _at(self, found: str, tag: str, ref: str) -> Resolved:
        del tag
        return Resolved(commit=found, ref=ref, shown=found)

    async def meant(self, revision: str) -> str:
        try:
            return (await self.artifact.resolve(revision)).shown
        except RevisionError:
            return ""


def expected(revision: str, has: dict[str, str]) -> str:
    """By the rule alone: the tag itself, else the highest in the range."""
    if revision in has:
        return has[revision]
    if revision == "stable":
        return ""
    by_version = {tag.replace("_", "+"): found for tag, found in has.items()}
    if revision == "1.0.0":
        return ""
    try:
        return by_version[choose(by_version, revision)]
    except ChartVersionError:
        return ""


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_a_followed_revision_means_what_the_last_look_found_and_every_move_of_it_is_told(
    steps: list[Step],
) -> None:
    asyncio.run(played(steps))


async def played(steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        scene = Scene(Path(folder))
        await scene.artifact.check(Cause.POLL, list_first=True)
        seen = dict(scene.registry.has)
        for what, text, number in steps:
            if what == "push":
                scene.registry.has[text] = digest(number)
            elif what == "delete":
                scene.registry.has.pop(text, None)
            elif what == "resolve":
                assert await scene.meant(text) == expected(text, seen)
            else:
                before = {revision: expected(revision, seen) for revision in FOLLOWED}
                scene.moves.clear()
                await scene.artifact.check(Cause.POLL, list_first=True)
                seen = dict(scene.registry.has)
                told = {move.ref for move in scene.moves}
                for revision in FOLLOWED:
                    if expected(revision, seen) != before[revision]:
                        concerned = [ref for ref in told if scene.artifact.may_follow(revision, ref)]
                        assert concerned, f"{revision!r} means something else, and nobody is told"
                assert all(move.old != "unseen" and move.new != "unseen" for move in scene.moves)
