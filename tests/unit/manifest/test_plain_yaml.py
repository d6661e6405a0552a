"""YAML as Go programs of Kubernetes read it."""

from __future__ import annotations

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fairlead.manifest import plain_yaml

VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024-01-01", "2024-01-01"),
        ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
        ("1:30", "1:30"),
        ("1e3", 1000.0),
        ("1_000", 1000),
        ("0777", 511),
        ("0o17", 15),
        ("0x1F", 31),
        ("-12", -12),
        ("08", 8.0),
        ("1.5", 1.5),
        (".5", 0.5),
        (".inf", ".inf"),
        ("1e400", "1e400"),
        ("!!float nan", "nan"),
        ("yes", True),
        ("Off", False),
        ("y", True),
        ("null", None),
        ("~", None),
        ("", None),
        ("'yes'", "yes"),
        ("{1: a, true: b, null: c, 1.5: d}", {"1": "a", "true": "b", "null": "c", "1.5": "d"}),
        ("!!binary aGk=", "hi"),
        ("a: &x {b: 1}\nc: {<<: *x, d: 2}", {"a": {"b": 1}, "c": {"b": 1, "d": 2}}),
        ('{"a": [1, 2.5, null]}', {"a": [1, 2.5, None]}),
        ("[a, b]", ["a", "b"]),
    ],
)
def test_a_scalar_is_what_go_takes_it_for(text: str, value: object) -> None:
    found = plain_yaml.document(text)
    assert found == value
    assert type(found) is type(value)


@given(st.lists(VALUES, max_size=3))
def test_json_comes_out_as_it_went_in(value: object) -> None:
    assert plain_yaml.document(msgspec.json.encode(value).decode()) == value


@pytest.mark.parametrize(
    "text", ["[" * 5000, "{a: b", "a: &a [*a]", "!!set {a, b}", "!!python/object:os.system {}"]
)
def test_what_is_no_document_is_an_error(text: str) -> None:
    with pytest.raises((yaml.YAMLError, ValueError)):
        plain_yaml.document(text)


def test_few_aliases_make_no_document_of_any_size() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(yaml.YAMLError):
        plain_yaml.document("\n".join(lines))
