"""Manifests written as YAML are the same objects to whoever reads them."""

from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fairlead.hydration.manifest import manifest

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
LEAVES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS
OBJECTS = st.dictionaries(
    TEXTS, st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=8)
)


def written(value: Any) -> str:
    return manifest([msgspec.json.encode(value)]).decode()


@given(st.lists(OBJECTS, max_size=3))
def test_what_is_written_is_read_as_it_was(objects: list[dict[str, Any]]) -> None:
    text = manifest(msgspec.json.encode(one) for one in objects)
    assert list(yaml.safe_load_all(text)) == objects
    assert text == manifest(msgspec.json.encode(one) for one in objects)


@pytest.mark.parametrize(
    "word",
    [
        "1e3",
        "0o7",
        "0x1F",
        "1_000",
        "on",
        "y",
        "No",
        "null",
        "~",
        ".inf",
        "2030-01-01",
        "=",
        "12:30",
        "<<",
        "",
    ],
)
def test_a_text_that_some_reader_takes_for_something_else_is_quoted(word: str) -> None:
    assert written({"a": word}).strip().endswith(f'a: "{word}"')


def test_words_are_bare_and_lines_stand_below_each_other() -> None:
    found = {
        "kind": "ConfigMap",
        "image": "web:1.2",
        "path": "/healthz",
        "text": "one\ntwo\n",
        "count": 1,
        "ok": True,
    }
    assert written(found) == (
        "---\nkind: ConfigMap\nimage: web:1.2\npath: /healthz\ntext: |\n  one\n  two\ncount: 1\nok: true\n"
    )


def test_a_long_line_is_not_broken() -> None:
    assert written({"a": "word " * 400}).count("\n") == 2
