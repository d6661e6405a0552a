"""A project's own repositories and clusters are permitted in it, and nothing else by them."""

import msgspec

from fairlead.matching.project import is_destination_permitted, is_source_permitted
from fairlead.matching.scoped import Scoped, ScopedProjects, with_scoped
from fairlead.model.appproject import AppProject
from fairlead.model.decode import decode_app_project

OWN = "https://git.example/team/own.git"
SERVER = "https://own.example:6443"


def project(**spec: object) -> AppProject:
    body = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": "team"},
        "spec": {"sourceRepos": [], "destinations": [], **spec},
    }
    return decode_app_project(msgspec.json.encode(body))


def goes(found: AppProject, server: str) -> bool:
    return is_destination_permitted(found, server=server, cluster_name="x", namespace="any")


def test_what_is_its_own_is_permitted_without_being_named() -> None:
    found = with_scoped(project(), Scoped((OWN,), (SERVER,)))
    assert is_source_permitted(found, OWN)
    assert is_source_permitted(found, "https://git.example/team/own")
    assert not is_source_permitted(found, "https://git.example/team/other")
    assert goes(found, SERVER)
    assert not goes(found, "https://other.example")


def test_a_deny_rule_wins_all_the_same() -> None:
    denying = project(sourceRepos=[f"!{OWN}"], destinations=[{"server": f"!{SERVER}", "namespace": "*"}])
    found = with_scoped(denying, Scoped((OWN,), (SERVER,)))
    assert not is_source_permitted(found, OWN)
    assert not goes(found, SERVER)


def test_a_pattern_that_is_declared_as_an_address_opens_nothing() -> None:
    for pattern in (
        "*",
        "https://*/**",
        "https://git.example/{a,b}",
        "!https://git.example/x",
        "https://[a-z]",
    ):
        found = with_scoped(project(), Scoped((pattern,), (pattern,)))
        assert not is_source_permitted(found, "https://git.example/a")
        assert not goes(found, "https://git.example/a")


def test_the_same_parts_give_the_same_project() -> None:
    known, own = ScopedProjects(), project()
    assert known.of(own, Scoped()) is own
    first = known.of(own, Scoped((OWN,)))
    assert known.of(own, Scoped((OWN,))) is first
    assert known.of(own, Scoped((OWN,), (SERVER,))) is not first
    assert known.of(project(), Scoped((OWN,))) is not first
