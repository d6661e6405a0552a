"""What sets beside the control plane's namespace may read."""

from __future__ import annotations

import re

import pytest

from fairlead.applicationset_controller.generating.errors import PARAMETERS, GenerationError
from fairlead.applicationset_controller.generating.generate import generate
from fairlead.applicationset_controller.generating.sources import Rights
from fairlead.model.applicationset import ApplicationSet
from fairlead.model.decode import from_object
from fairlead.render import Scripts
from tests.fakes.set_sources import MemorySources

URL = "https://git.example.com/team/config.git"


async def names(namespace: str, project: str, *permitted: str, url: str = URL) -> list[str]:
    git = {"repoURL": url, "revision": "HEAD", "directories": [{"path": "*"}]}
    template = {"metadata": {"name": "{{path}}"}, "spec": {"project": project}}
    spec = {"generators": [{"git": git}], "template": template}
    aset = from_object({"metadata": {"name": "s", "namespace": namespace}, "spec": spec}, ApplicationSet)
    sources = MemorySources(repositories={url: {"a/x": ""}}, rights=Rights(source_repos=permitted))
    generated = await generate(aset, sources, Scripts(None))
    assert [place.project for place in sources.repositories.asked] == ["" if "{{" in project else project]
    return [str(made.application["metadata"]["name"]) for made in generated.made]


async def test_an_administrators_set_reads_whatever_its_project_permits_to_deploy() -> None:
    assert await names("argocd", "team") == ["a"]
    assert await names("argocd", "{{path}}") == ["a"]


async def test_a_set_of_another_namespace_reads_what_its_project_may_deploy_from() -> None:
    assert await names("tenant", "team", "https://git.example.com/team/*") == ["a"]


@pytest.mark.parametrize(
    ("project", "permitted", "words"),
    [
        ("team", "https://git.example.com/other/*", f"project team does not permit repository {URL}"),
        ("team", "!*", "does not permit repository"),
        ("{{path}}", "*", "name the project"),
    ],
)
async def test_a_set_of_another_namespace_reads_nothing_else(
    project: str, permitted: str, words: str
) -> None:
    with pytest.raises(GenerationError, match=re.escape(words)) as raised:
        await names("tenant", project, permitted)
    assert raised.value.reason == PARAMETERS
