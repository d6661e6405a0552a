"""What of a block is a template, and how one template is laid over another."""

from typing import Any

from fairlead.notices.composing.paths import is_empty_at, leaves, merged, put_at, replaced

BLOCK: dict[str, Any] = {
    "title": "t",
    "facts": [{"name": "n1", "value": "v1"}, {"name": "n2", "value": "v2"}],
    "headers": {"A": "a", "B": "b"},
    "number": 3,
}


def test_texts_are_found_at_places_and_below_them() -> None:
    assert list(leaves(BLOCK, [("title",), ("facts", "*", "value"), ("nowhere", "deep")])) == [
        "t",
        "v1",
        "v2",
    ]
    assert list(leaves(BLOCK, [("facts",)])) == ["n1", "v1", "n2", "v2"]
    assert list(leaves(BLOCK, [("headers", "*")])) == ["a", "b"]
    assert list(leaves(None, [("title",)])) == []


def test_texts_are_replaced_there_and_nowhere_else() -> None:
    made = replaced(BLOCK, [("facts", "*", "value"), ("headers",)], str.upper)
    assert made == {
        "title": "t",
        "facts": [{"name": "n1", "value": "V1"}, {"name": "n2", "value": "V2"}],
        "headers": {"A": "A", "B": "B"},
        "number": 3,
    }
    assert BLOCK["headers"] == {"A": "a", "B": "b"}


def test_the_second_template_stands_over_the_first_where_it_says_something() -> None:
    assert merged({"a": 1, "b": {"x": 1}}, {"a": "", "b": {"y": 2}}) == {"a": 1, "b": {"x": 1, "y": 2}}
    assert merged(None, {"a": 1}) == {"a": 1}
    assert merged({"a": 1}, None) == {"a": 1}
    assert merged({"a": [1]}, {"a": [2]}) == {"a": [2]}


def test_what_is_missing_can_be_put() -> None:
    assert is_empty_at({"a": {}}, ("a", "b"))
    assert not is_empty_at({"a": {"b": "x"}}, ("a", "b"))
    assert put_at({"a": {"c": 1}}, ("a", "b"), "x") == {"a": {"c": 1, "b": "x"}}
