"""What a repo-server stands behind, and of what it says nothing."""

from pathlib import Path
from typing import Any, cast

import pytest

from fairlead.events import RepositorySource, SourcesWanted, decode, subjects
from fairlead.events.envelope import encode
from fairlead.git import GitProgram
from fairlead.matching.repository import identity
from fairlead.process.handed_credentials import Repositories
from fairlead.repo_server.answering.stand import Standing
from fairlead.repo_server.remotes.declared import AppKey, Member
from fairlead.repo_server.remotes.following import Following
from fairlead.repo_server.remotes.mirrors import Mirrors
from fairlead.rpc.beliefs import Believed, CompareBeliefs, ComparedBeliefs, fingerprint, packed, unpacked

URL, COMMIT = "https://host/x.git", "a" * 40
APP = AppKey("argocd", "app")
WISH = SourcesWanted(
    namespace=APP.namespace,
    name=APP.name,
    instance=APP.name,
    project="default",
    sources=(RepositorySource(repo_url=URL, path="x"),),
)
TOKEN = subjects.repository_token(identity(URL))
OURS = fingerprint(*APP, WISH.digest, (COMMIT,), "")
STALE = fingerprint(*APP, WISH.digest, ("b" * 40,), "")


class Scene:
    """One application of a partition that may be ours."""

    def __init__(self, folder: Path) -> None:
        self.is_ours = True
        mirrors = Mirrors(folder=folder, program=GitProgram(home=folder), book=Repositories())
        following = Following()
        self.group = following.join(Member(APP, 0), mirrors.of(URL, "default"), "main", "", 0)
        self.group.place(Member(APP, 0), COMMIT, ["x"])
        self.standing = Standing(
            declared=cast(Any, self),
            following=following,
            announcer=cast(Any, self),
            owns=lambda _: self.is_ours,
        )

    def at(self, _: str) -> dict[AppKey, str]:
        return {APP: WISH.digest}

    def get(self, _: AppKey) -> SourcesWanted:
        return WISH

    def last(self, _: AppKey) -> None:
        return None

    async def compared(self, belief: int) -> ComparedBeliefs:
        asked = Believed(repository=TOKEN, digest=belief, beliefs=packed([belief]))
        return decode(
            ComparedBeliefs, await self.standing.compare("", encode(CompareBeliefs(repositories=(asked,))))
        )


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


async def test_what_is_placed_is_stood_behind_and_nothing_else(scene: Scene) -> None:
    assert await scene.compared(OURS) == ComparedBeliefs()
    found = await scene.compared(STALE)
    assert (found.differing, unpacked(found.unknown)) == ((TOKEN,), [STALE])


async def test_of_what_is_anothers_or_in_doubt_nothing_is_said(scene: Scene) -> None:
    """A question may be under way while its partition is handed over."""
    nothing = ComparedBeliefs(unsaid=(TOKEN,))
    scene.is_ours = False
    assert await scene.compared(STALE) == nothing
    scene.is_ours, scene.group.is_doubted = True, True
    assert await scene.compared(STALE) == nothing
