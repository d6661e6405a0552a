"""A change wakes the sets that it concerns, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead.applicationset_controller.following.concerns import (
    Concerns,
    Depends,
    repositories,
    selectors,
)
from fairlead.applicationset_controller.generating.sources import ClusterFacts
from fairlead.matching.repository import token
from tests.unit.applicationset_controller.made import a_set

A, B = ("argocd", "a"), ("argocd", "b")
URL = "https://git.example/team/config.git"


def cluster(**labels: str) -> ClusterFacts:
    return ClusterFacts(name="one", server="https://one", labels=labels)


def clusters(**selector: Any) -> dict[str, Any]:
    return {"clusters": {"selector": selector}}


@pytest.mark.parametrize(
    ("reads", "moved", "wakes"),
    [
        ("main", ["refs/heads/main"], True),
        ("main", ["main"], True),
        ("main", ["refs/heads/other"], False),
        ("HEAD", ["refs/heads/other"], True),
        ("", ["refs/heads/other"], True),
        ("v1.*", ["refs/tags/v1.2"], True),
        ("main", [], True),
        ("main", ["HEAD"], True),
    ],
)
def test_a_commit_wakes_who_reads_that_ref(reads: str, moved: list[str], *, wakes: bool) -> None:
    concerns = Concerns()
    concerns.note(A, Depends(repositories=repositories([(URL, reads)])))
    concerns.note(B, Depends(repositories=repositories([("https://git.example/b.git", reads)])))
    assert concerns.of_repository(token("git@git.example:team/config"), moved) == ([A] if wakes else [])


def test_a_cluster_wakes_who_chooses_or_chose_it() -> None:
    concerns = Concerns()
    concerns.note(A, Depends(selectors=selectors(a_set([clusters(matchLabels={"env": "prod"})]))))
    concerns.note(B, Depends(selectors=selectors(a_set([clusters(matchLabels={"env": "test"})]))))
    assert concerns.of_cluster(None, cluster(env="prod")) == [A]
    assert sorted(concerns.of_cluster(cluster(env="prod"), cluster(env="test"))) == [A, B]
    assert concerns.of_cluster(cluster(env="none"), None) == []


@pytest.mark.parametrize(
    "generator",
    [
        {"clusters": {}},
        clusters(matchExpressions=[{"key": "env", "operator": "Exists"}]),
        {"matrix": {"generators": [{"list": {"elements": []}}, clusters(matchLabels={"env": "{{env}}"})]}},
        {"clusterDecisionResource": {"configMapRef": "c"}},
    ],
)
def test_a_set_that_may_choose_any_cluster_is_woken_by_it(generator: dict[str, Any]) -> None:
    concerns = Concerns()
    concerns.note(A, Depends(selectors=selectors(a_set([generator]))))
    assert concerns.of_cluster(None, cluster(env="prod")) == [A]


def test_a_set_that_misses_a_cluster_a_project_or_a_name_waits_for_that() -> None:
    concerns = Concerns()
    name = "argocd", "app"
    concerns.note(A, Depends(destinations=True, projects=frozenset({"team"}), names=frozenset({name})))
    assert concerns.of_cluster(None, cluster()) == [A]
    assert concerns.of_project("team") == [A]
    assert concerns.of_project("other") == []
    assert concerns.of_name(name) == [A]
    concerns.note(A, Depends())
    assert concerns.of_cluster(None, cluster()) == concerns.of_project("team") == concerns.of_name(name) == []


def test_a_set_that_is_gone_is_woken_by_nothing() -> None:
    concerns = Concerns()
    concerns.note(A, Depends(repositories=repositories([(URL, "main")]), destinations=True))
    concerns.forget(A)
    assert concerns.of_repository(token(URL)) == concerns.of_cluster(None, cluster()) == []


def test_while_a_set_is_generated_it_depends_on_what_it_did_and_on_what_it_says_now() -> None:
    concerns = Concerns()
    new = Depends(selectors=selectors(a_set([clusters(matchLabels={"env": "prod"})])), destinations=True)
    concerns.widen(A, new)
    assert concerns.of_cluster(None, cluster(env="prod")) == [A]
    old = Depends(
        selectors=selectors(a_set([clusters(matchLabels={"env": "test"})])),
        repositories=repositories([(URL, "main")]),
    )
    concerns.note(A, old)
    assert concerns.of_cluster(None, cluster(env="prod")) == []
    concerns.widen(A, new)
    for env in ("prod", "test"):
        assert concerns.of_cluster(None, cluster(env=env)) == [A]
    assert concerns.of_repository(token(URL), ["main"]) == [A]
