"""What is lent to applications of one project is used for no other, whoever asks under their name."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from fairlead.api_server.operations.application import wish
from fairlead.events import AfterBuild, Lent, RepositorySource, SourcesWanted
from fairlead.model.application import Application, ApplicationSpec
from fairlead.model.metadata import ObjectMeta
from fairlead.model.source import Source

LENT = AfterBuild(keys=(Lent(entry="sops", version="1"),))


@pytest.mark.parametrize(("project", "lent"), [("bank", LENT), ("shop", None)])
async def test_a_wish_under_the_name_of_another_projects_application_is_lent_nothing(
    monkeypatch: pytest.MonkeyPatch, project: str, lent: AfterBuild | None
) -> None:
    known = SourcesWanted(
        namespace="argocd",
        name="web",
        instance="web",
        project="bank",
        sources=(RepositorySource(repo_url="https://host/x", path="a"),),
        after_build=LENT,
    )

    async def wanted(*_: object) -> SourcesWanted:
        return known

    async def get_path(_: str) -> Any:
        return SimpleNamespace(body=b"{}")

    monkeypatch.setattr(wish, "find_project", lambda *_: None)
    backend = SimpleNamespace(
        namespace="argocd",
        ask=SimpleNamespace(wanted=wanted),
        kube=SimpleNamespace(get_path=get_path),
        control=SimpleNamespace(demanded=lambda _, sources: (None,) * len(sources)),
    )
    spec = ApplicationSpec(project=project, source=Source(repo_url="https://evil/x", path="a"))
    app = Application(metadata=ObjectMeta(name="web"), spec=spec)
    assert (await wish.of_application(cast(Any, backend), app)).after_build == lent
