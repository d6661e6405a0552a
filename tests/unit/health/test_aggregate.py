"""The health of an application."""

from __future__ import annotations

from fairlead.health import Assessed, Code, Health, aggregate, worst
from fairlead.manifest.identity import ResourceKey


def item(
    name: str, code: Code | None, *, group: str = "apps", kind: str = "Deployment", **more: bool
) -> Assessed:
    key = ResourceKey(group, kind, "ns", name)
    return Assessed(key=key, health=None if code is None else Health(code), **more)


def test_an_application_without_objects_is_healthy() -> None:
    assert aggregate([]) == Health(Code.HEALTHY)


def test_the_worst_object_decides_and_is_named() -> None:
    found = aggregate(
        [
            item("a", Code.HEALTHY),
            item("b", Code.PROGRESSING),
            item("c", Code.DEGRADED),
            item("d", Code.DEGRADED, group="", kind="Pod"),
        ]
    )
    assert found == Health(Code.DEGRADED, "Caused by apps/Deployment:ns/c, Pod:ns/d")


def test_at_most_three_causes_are_named() -> None:
    found = aggregate([item(name, Code.DEGRADED) for name in "abcde"])
    assert found.message == (
        "Caused by apps/Deployment:ns/a, apps/Deployment:ns/b, apps/Deployment:ns/c, ... and 2 more"
    )


def test_a_cluster_scoped_cause_has_no_namespace() -> None:
    key = ResourceKey("apiextensions.k8s.io", "CustomResourceDefinition", "", "x")
    found = aggregate([Assessed(key=key, health=Health(Code.PROGRESSING))])
    assert found.message == "Caused by apiextensions.k8s.io/CustomResourceDefinition:x"


def test_a_single_missing_object_does_not_count() -> None:
    assert aggregate([item("a", None, live=False), item("b", Code.HEALTHY)]) == Health(Code.HEALTHY)


def test_an_application_of_which_nothing_is_there_is_missing() -> None:
    assert aggregate([item("a", None, live=False), item("b", None, live=False)]) == Health(Code.MISSING)


def test_objects_without_a_rule_and_ignored_ones_do_not_count() -> None:
    assert aggregate([item("a", None), item("b", Code.DEGRADED, ignored=True)]) == Health(Code.HEALTHY)


def test_nested_applications_that_are_missing_or_unknown_do_not_count() -> None:
    nested = [item(c.name, c, group="argoproj.io", kind="Application") for c in (Code.MISSING, Code.UNKNOWN)]
    assert aggregate(nested) == Health(Code.HEALTHY)
    assert aggregate([item("x", Code.UNKNOWN)]).status is Code.UNKNOWN


def test_an_application_that_manages_itself_does_not_count_itself() -> None:
    me = item("self", Code.DEGRADED, group="argoproj.io", kind="Application")
    assert aggregate([me], itself=me.key) == Health(Code.HEALTHY)


def test_codes_are_ordered_from_best_to_worst() -> None:
    assert worst(Code) is Code.UNKNOWN
    assert worst([Code.SUSPENDED, Code.PROGRESSING]) is Code.PROGRESSING
    assert worst([]) is Code.HEALTHY
