"""What a wish asks of the engine, and which wishes are refused."""

from pathlib import Path

import pytest

from fairlead.events import Capabilities, RepositorySource, SourcesWanted
from fairlead.git import GitProgram
from fairlead.git.revisions import Resolved
from fairlead.process.handed_credentials import Repositories
from fairlead.render import RenderInvalidError
from fairlead.repo_server.remotes.mirrors import Mirrors
from fairlead.repo_server.remotes.repository import Repository
from fairlead.repo_server.rendering.failures import FAILURES, Failures
from fairlead.repo_server.rendering.overrides import merged
from fairlead.repo_server.rendering.wish import (
    InvalidWishError,
    check,
    name_of,
    renders,
    request_of,
    used_refs,
)

URL = "https://host/x.git"


def wish(*sources: RepositorySource, **more: str) -> SourcesWanted:
    return SourcesWanted(
        namespace="argocd",
        name="web",
        instance="web",
        project="default",
        sources=sources,
        kube_version=more.get("kube_version", ""),
        destination_namespace=more.get("destination_namespace", ""),
    )


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    mirrors = Mirrors(folder=tmp_path, program=GitProgram(home=tmp_path), book=Repositories())
    return mirrors.of(URL, "default")


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        ([], "no source"),
        ([RepositorySource(repo_url="")], "repoURL"),
        (
            [RepositorySource(repo_url=URL, ref="a"), RepositorySource(repo_url=URL, ref="a")],
            "same `ref` key",
        ),
        ([RepositorySource(repo_url=URL, chart="redis")], "spec.source.targetRevision is required"),
        ([RepositorySource(repo_url=URL, chart="redis", ref="x")], "a ref source may not be a chart"),
    ],
)
def test_a_contradictory_wish_is_refused(sources: list[RepositorySource], words: str) -> None:
    with pytest.raises(InvalidWishError, match=words):
        check(wish(*sources))


def test_a_source_that_is_only_a_ref_renders_nothing() -> None:
    assert not renders(RepositorySource(repo_url=URL, ref="values"))
    assert renders(RepositorySource(repo_url=URL))
    assert renders(RepositorySource(repo_url=URL, ref="values", path="x"))
    assert renders(RepositorySource(repo_url="oci://registry.example/x", ref="values"))


def test_only_the_refs_that_value_files_name_are_used() -> None:
    chart = RepositorySource(repo_url=URL, path="c", options={"helm": {"valueFiles": ["$b/x.yaml"]}})
    refs = [RepositorySource(repo_url=URL, ref=ref) for ref in ("a", "b")]
    assert used_refs(wish(chart, *refs), chart.options) == [2]


def test_a_render_is_remembered_under_all_but_commit_and_cluster(repository: Repository) -> None:
    source = RepositorySource(repo_url=URL, path="x")

    def name(commit: str, asked: SourcesWanted) -> str:
        request = request_of(
            asked,
            asked.sources[0],
            repository,
            Resolved(commit=commit),
            {},
            serving=Capabilities(kube_version=asked.kube_version),
        )
        return name_of(request, repository, "web", "v1")

    first = name("a" * 40, wish(source))
    assert first == name("b" * 40, wish(source, kube_version="1.34"))
    assert first != name("a" * 40, wish(RepositorySource(repo_url=URL, path="y")))
    assert first != name("a" * 40, wish(source, destination_namespace="other"))


def test_overrides_are_merge_patches() -> None:
    target = {"helm": {"values": "a", "parameters": [1]}, "directory": {"recurse": True}}
    patch = {"helm": {"values": None, "parameters": [2]}, "kustomize": {"namePrefix": "x"}, "directory": None}
    assert merged(target, patch) == {"helm": {"parameters": [2]}, "kustomize": {"namePrefix": "x"}}


def test_a_pause_begins_with_the_third_failure_and_ends_with_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("fairlead.repo_server.rendering.failures.time.monotonic", lambda: now)
    failures = Failures()
    for _ in range(FAILURES):
        assert failures.paused("key") is None
        failures.failed("key", RenderInvalidError("because", file="a.yaml"))
    paused = failures.paused("key")
    assert str(paused) == "Manifest generation error (cached): because"
    assert paused is not None
    assert paused.file == "a.yaml"
    assert failures.paused("other") is None
    now += 3601
    assert failures.paused("key") is None
