"""Whole sets whose generators ask hosts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, cast

import msgspec
import pytest
import pytest_asyncio

from fairlead.applicationset_controller.generating.errors import GenerationError
from fairlead.applicationset_controller.generating.generate import Generated, generate
from fairlead.applicationset_controller.generating.sources import Sources
from fairlead.model.applicationset import ApplicationSet
from fairlead.render import Scripts
from tests.fakes.scm.host import Host, serving
from tests.integration.applicationset_controller.scm_stage import World, pull_blocks, scm_blocks, world


@pytest_asyncio.fixture
async def host() -> AsyncIterator[Host]:
    async with serving() as host:
        yield host


@pytest_asyncio.fixture
async def sources(host: Host) -> AsyncIterator[World]:
    here = world(host)
    yield here
    await here.hosts.close()


async def made(sources: World, generator: dict[str, Any], name: str) -> Generated:
    spec = {
        "generators": [generator],
        "template": {
            "metadata": {"name": name, "annotations": {"labels": "{{labels}}", "id": "{{repository_id}}"}},
            "spec": {
                "project": "default",
                "source": {"repoURL": "{{url}}", "targetRevision": "{{head_sha}}"},
                "destination": {"namespace": "{{values.space}}"},
            },
        },
    }
    metadata = {"name": "previews", "namespace": "argocd"}
    aset = msgspec.convert({"metadata": metadata, "spec": spec}, ApplicationSet)
    return await generate(aset, cast(Sources, sources), Scripts(None))


async def test_pull_requests_of_every_repository_become_applications(host: Host, sources: World) -> None:
    repositories = {
        "github": scm_blocks(host)["github"],
        "filters": [{"repositoryMatch": "^shop"}],
        "values": {"space": "preview-{{repository}}"},
    }
    requests = {"github": {**pull_blocks(host)["github"], "repo": "{{repository}}"}}
    generator = {"matrix": {"generators": [{"scmProvider": repositories}, {"pullRequest": requests}]}}
    # a matrix whose children both have a branch differs there in the fast mode
    requests_only = {
        "pullRequest": {**requests, "github": pull_blocks(host)["github"], "values": {"space": "p"}}
    }
    found = await made(sources, requests_only, "pr-{{number}}")
    assert [each.application["metadata"]["name"] for each in found.made] == ["pr-1", "pr-2", "pr-3", "pr-5"]
    assert found.made[0].application["metadata"]["annotations"]["labels"] == "{{labels}}"
    assert found.requeue_after == 1800
    with pytest.raises(GenerationError, match="duplicate key branch"):
        await made(sources, generator, "{{repository}}-{{number}}")
    found = await made(
        sources, {"scmProvider": {**repositories, "requeueAfterSeconds": 60}}, "{{repository}}"
    )
    first = found.made[0].application
    assert first["metadata"]["annotations"] == {"labels": "deploy,go", "id": "1"}
    assert first["spec"]["destination"]["namespace"] == "preview-shop"
    assert found.requeue_after == 60


async def test_a_host_that_fails_is_told_as_a_failure_of_the_parameters(host: Host, sources: World) -> None:
    host.world.organization = "renamed"
    with pytest.raises(GenerationError) as error:
        await made(sources, {"scmProvider": {"gitlab": scm_blocks(host)["gitlab"]}}, "x")
    assert error.value.reason == "ApplicationGenerationFromParamsError"
    assert "404 Group Not Found" in error.value.message
