"""Patches of a document."""

import json
import tracemalloc

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
        '[{"op":"add","path":"/a/b~1c/' + "1" * 5000 + '","value":1}]',
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


def test_copies_that_double_the_document_are_stopped_before_they_fill_the_memory() -> None:
    doubling = [{"op": "copy", "from": "", "path": f"/x{n}"} for n in range(28)]
    document = {"spec": "s" * 1000}
    tracemalloc.start()
    try:
        with pytest.raises(PatchError, match="copies more than 4 MB"):
            json_patch(document, json.dumps(doubling))
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


def test_a_result_that_no_object_can_have_is_refused() -> None:
    many = [{"op": "add", "path": f"/x{n}", "value": "v" * 50_000} for n in range(100)]
    with pytest.raises(PatchError, match="larger than 4 MB"):
        json_patch({}, json.dumps(many))
    with pytest.raises(PatchError, match="larger than 4 MB"):
        merge_patch({}, json.dumps({f"x{n}": "v" * 50_000 for n in range(100)}))


@pytest.mark.parametrize("times", [2, 30])
def test_a_result_that_no_walker_can_walk_is_refused(times: int) -> None:
    value = "[" * 90 + "]" * 90
    path = ""
    operations = ['{"op":"add","path":"/a","value":[]}']
    for _ in range(times):
        operations.append(f'{{"op":"add","path":"/a{path}/-","value":{value}}}')
        path += "/0" * 90
    operations.append('{"op":"copy","from":"/a","path":"/b"}')
    operations.append('{"op":"test","path":"/a","value":[]}')
    for tail in (0, 1, 2):
        patch = "[" + ",".join(operations[: len(operations) - tail]) + "]"
        with pytest.raises(PatchError):
            json_patch({}, patch)


@pytest.mark.parametrize(
    "patch", ['[{"op":"add","path":"/y","value":' + "[" * 5000, '{"a":' * 5000 + "1" + "}" * 5000]
)
def test_a_patch_that_no_walker_can_walk_is_refused(patch: str) -> None:
    for apply in (json_patch, merge_patch):
        with pytest.raises(PatchError, match="nested deeper"):
            apply({}, patch)


def test_a_number_becomes_what_kubernetes_would_keep() -> None:
    patch = '[{"op":"add","path":"/n","value":1000000000000000000000},{"op":"add","path":"/t","value":"%s"}]'
    digits = "1" * 40
    assert json_patch({}, patch % digits) == {"n": 1e21, "t": digits}
    assert merge_patch({}, '{"n":9223372036854775807,"m":-9223372036854775809}') == {
        "n": 2**63 - 1,
        "m": -9.223372036854775809e18,
    }
    with pytest.raises(PatchError, match="too large"):
        merge_patch({}, '{"n":1' + "0" * 400 + "}")
