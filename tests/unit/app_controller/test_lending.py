"""What applications are lent: what names their project, at the version that it has."""

import pytest

from fairlead.app_controller.following.lending import Lending, entry_of_map
from fairlead.events import AfterBuild, Lent, RepositoryCredentials
from fairlead.events.after_build import DECRYPTION, VARIABLES, VARIABLES_MAP
from fairlead.model.application import Application
from fairlead.model.decode import from_object


def entry(name: str, kind: str, *projects: str, version: str = "1") -> RepositoryCredentials:
    return RepositoryCredentials(secret=name, secret_type=kind, projects=projects, version=version)


ENTRIES = {
    "keys": entry("keys", DECRYPTION, "web"),
    "all-keys": entry("all-keys", DECRYPTION, "*"),
    "tokens": entry("tokens", VARIABLES, "web", version="7"),
    entry_of_map("cluster"): entry("cluster", VARIABLES_MAP, "*"),
    "repo": entry("repo", "repository", "*"),
}
LENDING = Lending(lambda: ENTRIES)
KEYS = (Lent(entry="all-keys", version="1"), Lent(entry="keys", version="1"))


def app(project: str = "web", **marks: str) -> Application:
    annotations = {f"fairlead.dev/{key.replace('_', '-')}": value for key, value in marks.items()}
    body = {"metadata": {"name": "a", "annotations": annotations}, "spec": {"project": project}}
    return from_object(body, Application)


def test_an_application_has_the_keys_of_its_project_and_the_variables_that_it_names() -> None:
    assert LENDING.of(app()) == AfterBuild(keys=KEYS)
    assert LENDING.of(app("other")) == AfterBuild(keys=KEYS[:1])
    assert Lending(dict).of(app()) is None
    named = LENDING.of(
        app(substitute_from="ConfigMap/cluster, Secret/tokens,Secret/gone?", substitute='{"A": "1"}')
    )
    assert named is not None
    assert named.variables == (
        Lent(entry=entry_of_map("cluster"), version="1"),
        Lent(entry="tokens", version="7"),
    )
    assert named.own == {"A": "1"}
    assert named.substitutes


@pytest.mark.parametrize(
    ("project", "marks", "words"),
    [
        (
            "other",
            {"substitute_from": "Secret/tokens"},
            "Secret tokens with variables for project other is not there",
        ),
        (
            "web",
            {"substitute_from": "Secret/keys"},
            "Secret keys with variables for project web is not there",
        ),
        (
            "web",
            {"substitute_from": "Secret/repo"},
            "Secret repo with variables for project web is not there",
        ),
        ("web", {"substitute_from": "cluster"}, "'cluster' is none of ConfigMap/name and Secret/name"),
        ("web", {"substitute_from": ",".join(["ConfigMap/cluster"] * 33)}, "more than 32 names"),
        ("web", {"substitute": "nonsense"}, "annotation fairlead.dev/substitute: "),
        ("web", {"substitute": '{"A": 1}'}, "annotation fairlead.dev/substitute: "),
    ],
)
def test_what_may_not_be_had_is_a_problem_and_never_left_out(
    project: str, marks: dict[str, str], words: str
) -> None:
    found = LENDING.of(app(project, **marks))
    assert found is not None
    assert words in found.problem


def test_another_version_is_another_thing_that_is_wanted() -> None:
    before = LENDING.of(app(substitute_from="Secret/tokens"))
    later = Lending(lambda: ENTRIES | {"tokens": entry("tokens", VARIABLES, "web", version="8")})
    after = later.of(app(substitute_from="Secret/tokens"))
    assert before is not None
    assert after is not None
    assert before.digest != after.digest
