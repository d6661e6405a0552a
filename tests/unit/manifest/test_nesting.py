"""Depth of JSON, with brackets in texts and without an end."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.manifest.errors import DocumentError
from fairlead.manifest.nesting import is_nested_deeper
from fairlead.manifest.split import split

VALUES = st.recursive(
    st.none() | st.text(alphabet='[]{}"\\a,:\n'),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(alphabet='[{"\\'), inner),
    max_leaves=40,
)


def depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


@given(VALUES)
def test_the_depth_is_that_of_the_value_whatever_its_texts_hold(value: object) -> None:
    text, levels = json.dumps(value).encode(), depth(value)
    assert not is_nested_deeper(text, levels)
    assert levels == 0 or is_nested_deeper(text, levels - 1)


@pytest.mark.parametrize("text", [b"[" * 1_000_000, b'{"a":' * 200_000, b'"\\"[", ' + b"[" * 101])
def test_what_has_no_end_is_deep_too(text: bytes) -> None:
    assert is_nested_deeper(text, 100)


def test_a_manifest_that_no_walker_can_walk_stops_the_render() -> None:
    text = (
        b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"x":' + b"[" * 600 + b"]" * 600 + b"}"
    )
    with pytest.raises(DocumentError, match="nested deeper than 256"):
        split([text])
