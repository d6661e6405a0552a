"""Patches of a document."""

import pytest

from fairlead.api_server.operations.application.change import PatchError, json_patch, merge_patch

DOCUMENT = {"a": {"b/c": [1, 2, {"~": 3}]}, "x": None}


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ('[{"op":"add","path":"/a/b~1c/-","value":4}]', {"a": {"b/c": [1, 2, {"~": 3}, 4]}, "x": None}),
        ('[{"op":"add","path":"/a/b~1c/0","value":0}]', {"a": {"b/c": [0, 1, 2, {"~": 3}]}, "x": None}),
        ('[{"op":"replace","path":"/a/b~1c/2/~0","value":9}]', {"a": {"b/c": [1, 2, {"~": 9}]}, "x": None}),
        ('[{"op":"remove","path":"/a/b~1c/0"}]', {"a": {"b/c": [2, {"~": 3}]}, "x": None}),
        ('[{"op":"move","from":"/a/b~1c/0","path":"/x"}]', {"a": {"b/c": [2, {"~": 3}]}, "x": 1}),
        ('[{"op":"copy","from":"/a/b~1c/1","path":"/y"}]', {**DOCUMENT, "y": 2}),
        ('[{"op":"test","path":"/x","value":null},{"op":"replace","path":"","value":1}]', 1),
    ],
)
def test_a_json_patch_does_what_it_says(patch: str, expected: object) -> None:
    assert json_patch(DOCUMENT, patch) == expected


@pytest.mark.parametrize(
    "patch",
    [
        "{}",
        "nonsense",
        '[{"op":"add","path":"/a/none/deep","value":1}]',
        '[{"op":"add","path":"/a/b~1c/7","value":1}]',
        '[{"op":"add","path":"/a/b~1c/01x","value":1}]',
        '[{"op":"replace","path":"/none","value":1}]',
        '[{"op":"remove","path":""}]',
        '[{"op":"remove","path":"/a/b~1c/-"}]',
        '[{"op":"test","path":"/x","value":1}]',
        '[{"op":"add","path":"relative","value":1}]',
        '[{"op":"add","path":"/y"}]',
        '[{"op":"dance","path":"/y"}]',
        '[{"op":"copy","path":"/y"}]',
        "[" + ",".join(['{"op":"add","path":"/y","value":1}'] * 1001) + "]",
    ],
)
def test_a_json_patch_that_does_not_fit_is_refused_and_changes_nothing(patch: str) -> None:
    before = repr(DOCUMENT)
    with pytest.raises(PatchError):
        json_patch(DOCUMENT, patch)
    assert repr(DOCUMENT) == before


def test_a_merge_patch_sets_replaces_and_removes() -> None:
    assert merge_patch({"a": {"b": 1, "c": 2}, "d": [1]}, '{"a":{"b":null,"e":{"f":3}},"d":[2]}') == {
        "a": {"c": 2, "e": {"f": 3}},
        "d": [2],
    }
    assert merge_patch({"a": 1}, "[]") == []
    with pytest.raises(PatchError):
        merge_patch({}, "{")
