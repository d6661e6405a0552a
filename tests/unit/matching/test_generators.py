"""Which sets an event at a host concerns."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead.matching.generators import Happening, Interested, Kind, interests


def happened(kind: Kind, repository: str, *refs: str) -> Happening:
    return Happening(kind=kind, repositories=(repository,), refs=refs)


def concerned(generator: dict[str, Any], happening: Happening) -> bool:
    known = Interested()
    known.put(("argocd", "one"), interests([generator]))
    return known.of(happening) == [("argocd", "one")]


GIT = {"git": {"repoURL": "git@git.example:team/config.git", "revision": "main"}}
HEAD = {"git": {"repoURL": "https://git.example/team/config", "revision": "HEAD"}}
FILLED = {"git": {"repoURL": "https://git.example/team/{{ .repository }}.git", "revision": "{{branch}}"}}
GITHUB = {"scmProvider": {"github": {"organization": "Team"}}}
ENTERPRISE = {"scmProvider": {"github": {"organization": "team", "api": "https://git.example/api/v3"}}}
PULLS = {"pullRequest": {"github": {"owner": "Team", "repo": "Shop"}}}
ANY_PULLS = {"pullRequest": {"gitlab": {"project": "{{ .organization }}/{{ .repository }}"}}}
BY_NUMBER = {"pullRequest": {"gitlab": {"project": "17", "api": "https://git.example"}}}
PLUGIN = {"plugin": {"configMapRef": {"name": "plugin"}}}
OCI = {"oci": {"repoURL": "oci://registry.example/team/config", "revision": "latest"}}
MATRIX = {"matrix": {"generators": [{"list": {}}, {"merge": {"generators": [PULLS], "mergeKeys": ["x"]}}]}}


@pytest.mark.parametrize(
    ("generator", "happening", "wanted"),
    [
        (GIT, happened("push", "git.example/team/config", "refs/heads/main"), True),
        (GIT, happened("push", "git.example/team/config"), True),
        (GIT, happened("push", "git.example/team/config", "refs/heads/other"), False),
        (GIT, happened("push", "git.example/team/config2", "refs/heads/main"), False),
        (GIT, happened("merge", "git.example/team/config"), False),
        (HEAD, happened("push", "git.example/team/config", "refs/heads/other"), True),
        (FILLED, happened("push", "git.example/team/shop", "refs/heads/x"), True),
        (FILLED, happened("push", "git.example/other/shop", "refs/heads/x"), False),
        (GITHUB, happened("push", "github.com/team/shop", "refs/heads/x"), True),
        (GITHUB, happened("push", "github.com/teams/shop"), False),
        (GITHUB, happened("push", "git.example/team/shop"), False),
        (ENTERPRISE, happened("push", "git.example/team/shop"), True),
        (PULLS, happened("merge", "github.com/team/shop"), True),
        (PULLS, happened("merge", "github.com/team/shop-api"), False),
        (PULLS, happened("push", "github.com/team/shop"), False),
        (ANY_PULLS, happened("merge", "gitlab.com/a/b/c"), True),
        (ANY_PULLS, happened("merge", "gitlab.example/a/b"), False),
        (BY_NUMBER, happened("merge", "git.example/a/b"), True),
        (PLUGIN, happened("push", "anywhere.example/a"), True),
        (PLUGIN, happened("artifact", "registry.example/a"), True),
        (OCI, happened("artifact", "registry.example/team/config", "refs/tags/v1"), True),
        (OCI, happened("push", "registry.example/team/config"), False),
        (MATRIX, happened("merge", "github.com/team/shop"), True),
        ({"clusters": {}}, happened("push", "git.example/team/config"), False),
        (
            {"scmProvider": {"bitbucketServer": {"project": "KEY", "api": "https://git.example"}}},
            happened("push", "git.example/scm/key/shop"),
            True,
        ),
        (
            {"pullRequest": {"azuredevops": {"organization": "o", "project": "p", "repo": "r"}}},
            happened("merge", "dev.azure.com/o/p/_git/r"),
            True,
        ),
        (
            {"matrix": {"generators": [{"matrix": {"generators": "nonsense"}}]}},
            happened("push", "a/b"),
            False,
        ),
    ],
)
def test_a_set_is_concerned_by_what_its_generators_look_at(
    generator: dict[str, Any], happening: Happening, wanted: bool
) -> None:
    assert concerned(generator, happening) is wanted


def test_neither_a_set_nor_an_address_makes_it_slow() -> None:
    filled = {"git": {"repoURL": f"https://git.example/{'{{a}}x' * 40}", "revision": "main"}}
    assert concerned(filled, happened("push", f"git.example/{'ax' * 40}"))
    assert not concerned(filled, happened("push", f"git.example/{'ax' * 39}"))
    assert not concerned(filled, happened("push", f"git.example/{'x' * 2000}y"))
    unclosed = {"git": {"repoURL": f"https://git.example/{'{{' * 200_000}", "revision": "main"}}
    assert len(interests([unclosed])) == 1


def test_what_a_set_looked_at_before_does_not_concern_it_any_more() -> None:
    known = Interested()
    known.put(("argocd", "one"), interests([GITHUB, GIT]))
    known.put(("argocd", "one"), interests([PULLS]))
    assert known.of(happened("push", "github.com/team/shop")) == []
    assert known.of(happened("merge", "github.com/team/shop")) == [("argocd", "one")]
    known.drop(("argocd", "one"))
    assert known.of(happened("merge", "github.com/team/shop")) == []
    assert known.names() == frozenset()
