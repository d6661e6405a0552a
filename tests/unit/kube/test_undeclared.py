"""Fields that a server refused by name are left out, and nothing else."""

import pytest

from fairlead.kube.undeclared import undeclared_paths, without

MESSAGE = (
    "failed to create typed patch object (work/web; apps/v1, Kind=Deployment): errors:\n"
    "  .spec.colour: field not declared in schema\n"
    '  .spec.template.spec.containers[name="main"].shade: field not declared in schema'
)


def test_every_field_of_a_refusal_is_found() -> None:
    assert undeclared_paths(MESSAGE) == (
        ".spec.colour",
        '.spec.template.spec.containers[name="main"].shade',
    )
    assert undeclared_paths("spec.selector: Invalid value: field is immutable") == ()


@pytest.mark.parametrize(
    ("path", "left"),
    [
        (".a", {"b.c": {"d": 1}, "list": [{"name": "x", "port": 80, "e": 1}, {"name": "y", "e": 1}]}),
        (".b.c.d", {"a": 1, "b.c": {}, "list": [{"name": "x", "port": 80, "e": 1}, {"name": "y", "e": 1}]}),
        (
            '.list[name="y"].e',
            {"a": 1, "b.c": {"d": 1}, "list": [{"name": "x", "port": 80, "e": 1}, {"name": "y"}]},
        ),
        (
            '.list[name="x",port=80,protocol="TCP"].e',
            {"a": 1, "b.c": {"d": 1}, "list": [{"name": "x", "port": 80}, {"name": "y", "e": 1}]},
        ),
        (".list[1].e", {"a": 1, "b.c": {"d": 1}, "list": [{"name": "x", "port": 80, "e": 1}, {"name": "y"}]}),
    ],
    ids=[
        "a field",
        "a name with a dot",
        "an item by its key",
        "an item by keys with a default",
        "an item by place",
    ],
)
def test_only_the_named_field_is_left_out(path: str, left: object) -> None:
    value = {"a": 1, "b.c": {"d": 1}, "list": [{"name": "x", "port": 80, "e": 1}, {"name": "y", "e": 1}]}
    assert without(value, path) == left


@pytest.mark.parametrize("path", [".missing", ".a.b", '.list[name="z"].e', ".list[7].e", ".list"[:0]])
def test_a_path_that_leads_nowhere_changes_nothing(path: str) -> None:
    value = {"a": 1, "list": [{"name": "x", "e": 1}]}
    assert without(value, path) == value


def test_a_long_refusal_is_read_in_one_pass() -> None:
    refusal = "." * 200_000 + "a" + ".b" * 200_000
    assert undeclared_paths(refusal) == ()
    (path,) = undeclared_paths(f"{refusal}: field not declared in schema")
    assert path.startswith(".")


def test_a_selector_that_is_no_json_means_no_item() -> None:
    value = {"spec": [{"name": "main", "shade": 1}]}
    assert without(value, ".spec[name=main].shade") == value
