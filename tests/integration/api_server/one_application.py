"""An application of a repository in which everything is in order, as tests send it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from fairlead.events.envelope import encode
from fairlead.rpc import repo
from fairlead.rpc.rendered import RenderedSet

if TYPE_CHECKING:
    from tests.integration.api_server.conftest import Answer

SHA = "0da637be0bd0a308d3a694f270f6b592c617cda9"
SOURCE = {"repoURL": "https://git.example/team/config.git", "path": "apps/web", "targetRevision": "main"}
LOCAL = "https://kubernetes.default.svc"


def app(name: str, **spec: object) -> dict[str, object]:
    return {
        "metadata": {"name": name},
        "spec": {
            "source": SOURCE,
            "destination": {"server": LOCAL, "namespace": "web"},
            "project": "default",
            **spec,
        },
    }


@pytest.fixture
def repository(scripted: dict[str, Answer]) -> dict[str, Answer]:
    """A repository with everything in order."""

    async def test(_: str, __: bytes) -> bytes:
        return encode(repo.TestedRepository(revision=SHA))

    async def generate(_: str, __: bytes) -> bytes:
        document = msgspec.json.encode(
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": "s", "namespace": "web"},
                "stringData": {"password": "canary"},
            }
        )
        rendered = RenderedSet(documents=(document,))
        return encode(
            repo.GeneratedManifests(digest=rendered.digest, sources=(), documents=rendered.documents)
        )

    scripted.update({repo.TEST: test, repo.GENERATE: generate})
    return scripted


def message(answer: tuple[int, object]) -> tuple[int, str]:
    return answer[0], msgspec.convert(answer[1], dict)["message"]
