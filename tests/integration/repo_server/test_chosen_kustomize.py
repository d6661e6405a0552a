"""A version of Kustomize that the operator brought runs in a folder of its own, within bounds."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from fairlead.events import RenderSettings
from fairlead.events.render_settings import KustomizeSettings, KustomizeVersion
from fairlead.git import GitProgram
from fairlead.render import (
    EngineConfig,
    PoolConfig,
    RenderInvalidError,
    RenderPool,
    RenderRequest,
    RenderResult,
    RenderTransientError,
)
from fairlead.repo_server.rendering.chosen_kustomize import ChosenKustomize
from fairlead.repo_server.rendering.worktree import Worktrees
from fairlead.repo_server.supplying.provider import Asker
from fairlead.repo_server.supplying.supply import Supplier
from fairlead.repo_server.supplying.whole import Wholes
from tests.integration.render.engine_fixtures import Repository

PRINTS = r"""
test "$1" = build || exit 9
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: printed}\ndata:\n'
printf '  environment: "%s"\n' "$(env | sort | tr '\n' ' ')"
printf '  flags: "%s"\n' "$(shift 2; echo "$*")"
printf '  edited: "%s"\n' "$(tr -d '"' < "$2/kustomization.yaml" | tr '\n' ';')"
printf -- '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: second}\n'
"""


class Lab:
    """A repository, an engine, and scripts that stand for versions of Kustomize."""

    def __init__(self, folder: Path, pool: RenderPool) -> None:
        self.folder, self.pool = folder, pool
        self.scratch = folder / "worktrees"
        (folder / "home").mkdir()
        self.worktrees = Worktrees(self.scratch, GitProgram(home=folder / "home"))
        self.worktrees.sweep()
        self.source = Repository(folder / "mirrors" / "source")
        self.wholes = Wholes(GitProgram(home=folder / "home"), Supplier(pool))

    async def build(self, request: RenderRequest, *, seconds: float = 60.0) -> RenderResult:
        """What comes of a request."""
        asker = Asker(
            project="shop",
            source_repos=("*",),
            url="https://git.example.com/web",
            mirror=request.mirror,
            commit=request.commit,
        )
        chosen = ChosenKustomize(self.pool, self.worktrees, self.wholes, seconds=seconds)
        result, opened = await chosen.render(request, asker)
        assert opened == ()
        return result

    def request(self, script: str, *, flags: str = "", **options: object) -> RenderRequest:
        """A source that asks for a version which is this script."""
        binary = self.folder / "kustomize"
        binary.write_text(f"#!/bin/sh\n{script}\n")
        binary.chmod(0o755)
        version = KustomizeVersion(path=str(binary), build_options=flags)
        commit = self.source.commit({"app/kustomization.yaml": "resources: []\n"})
        return RenderRequest(
            mirror=self.source.mirror,
            commit=commit,
            path="app",
            kube_version="1.31.0",
            api_versions=("v1",),
            options={"kustomize": {"version": "v4", **options}},
            settings=RenderSettings(kustomize=KustomizeSettings(versions={"v4": version})),
        )


@pytest_asyncio.fixture(loop_scope="session")
async def lab(tmp_path: Path, engine: Path) -> AsyncIterator[Lab]:
    config = EngineConfig(binary=engine, mirrors=tmp_path / "mirrors")
    async with RenderPool(PoolConfig(engine=config, size=1)) as pool:
        made = Lab(tmp_path, pool)
        yield made
        assert list(made.scratch.iterdir()) == []


async def test_it_builds_the_edited_kustomization_with_the_operators_flags(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIRLEAD_CACHE_SECRET", "canary")
    flags = "--enable-alpha-plugins --load-restrictor=none --enable-helm"
    request = lab.request(PRINTS, flags=flags, namePrefix="p-", images=["web=web:2"])
    assert ChosenKustomize.is_for(request)
    result = await lab.build(request)
    first, second = (json.loads(document) for document in result.documents)
    assert second["metadata"]["name"] == "second"
    assert "canary" not in first["data"]["environment"]
    assert "HOME=/nonexistent" in first["data"]["environment"]
    assert first["data"]["flags"] == (
        "--load-restrictor=none --enable-helm --helm-kube-version 1.31.0 --helm-api-versions v1"
    )
    assert "namePrefix: p-" in first["data"]["edited"]
    assert "newTag: 2" in first["data"]["edited"]
    assert ("", "tree", "") in [(entry.path, entry.kind, entry.oid) for entry in result.reads]


async def test_what_it_complains_of_is_told_without_the_folder(lab: Lab) -> None:
    request = lab.request('echo "Error: no $2/kustomization.yaml here" >&2; exit 3')
    with pytest.raises(RenderInvalidError) as caught:
        await lab.build(request)
    assert str(caught.value) == (
        "`kustomize build app` failed exit status 3: Error: no app/kustomization.yaml here"
    )


async def test_one_that_hangs_is_stopped_with_all_that_it_started(lab: Lab) -> None:
    pids = lab.folder / "pids"
    script = f"setsid sleep 1000 & echo $! >> {pids}; echo $$ >> {pids}; sleep 1000"
    with pytest.raises(RenderInvalidError, match=r"went beyond 3 s and was stopped"):
        await lab.build(lab.request(script), seconds=3)
    async with asyncio.timeout(60):
        while any(is_running(int(pid)) for pid in pids.read_text().split()):
            await asyncio.sleep(0.05)


async def test_one_that_prints_without_end_is_stopped(lab: Lab) -> None:
    with pytest.raises(RenderInvalidError, match="went beyond its bound of output"):
        await lab.build(
            lab.request("while :; do echo 'a: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'; done | cat")
        )


async def test_a_binary_that_is_not_there_is_tried_again(lab: Lab) -> None:
    request = lab.request("true")
    (lab.folder / "kustomize").unlink()
    with pytest.raises(RenderTransientError, match=r"kustomize version v4 at .* cannot be run"):
        await lab.build(request)


async def test_a_kustomization_that_is_a_link_is_edited_where_it_really_is(lab: Lab) -> None:
    lab.source.write({"real/k.yaml": "resources: []\n"})
    lab.source.link("linked/kustomization.yaml", "../real/k.yaml")
    request = lab.request(PRINTS, namePrefix="p-")
    request = RenderRequest(
        mirror=request.mirror,
        commit=lab.source.commit(),
        path="linked",
        options=request.options,
        settings=request.settings,
    )
    result = await lab.build(request)
    assert "namePrefix: p-" in json.loads(result.documents[0])["data"]["edited"]


async def test_a_version_that_nobody_registered_is_refused(lab: Lab) -> None:
    request = RenderRequest(
        mirror=lab.source.mirror,
        commit=lab.source.commit({"app/kustomization.yaml": "resources: []\n"}),
        path="app",
        options={"kustomize": {"version": "v9"}},
    )
    assert not ChosenKustomize.is_for(request)
    with pytest.raises(RenderInvalidError, match="kustomize version v9 is not registered"):
        await lab.pool.render(request)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
