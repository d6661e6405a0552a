"""What is rendered for somebody who asks and waits."""

from typing import Any

import pytest

from fairlead.bus import RemoteError
from fairlead.events import RepositorySource, SourcesWanted
from fairlead.events.envelope import encode
from fairlead.git import GitTransientError
from fairlead.render import Lane
from fairlead.repo_server.answering.answer import Answerer
from fairlead.repo_server.rendering.attempt import Asked
from fairlead.repo_server.rendering.render import SourceError
from fairlead.rpc import GenerateManifests

WISH = SourcesWanted(
    namespace="argocd",
    name="web",
    instance="web",
    project="default",
    sources=(RepositorySource(repo_url="https://host/x", path="a"),),
)


class Scene:
    """Locates what is asked for, and hears how it is to be rendered."""

    def __init__(self) -> None:
        self.heard: list[Asked] = []

    async def locate(self, *_: object) -> None:
        """It is there."""

    async def produce(self, _: object, __: object, how: Asked) -> None:
        self.heard.append(how)
        raise SourceError(0, GitTransientError("enough was heard"), None)


@pytest.mark.parametrize("anew", [False, True])
async def test_what_somebody_asks_to_see_is_rendered_behind_deployments(anew: bool) -> None:
    scene: Any = Scene()
    answerer = Answerer(mirrors=scene, renderer=scene, responder=scene, sets=scene, integrity=scene)
    with pytest.raises(RemoteError, match="enough was heard"):
        await answerer.generate("", encode(GenerateManifests(wanted=WISH, no_cache=anew)))
    assert [(how.lane, how.anew) for how in scene.heard] == [(Lane.QUESTION, anew)]
