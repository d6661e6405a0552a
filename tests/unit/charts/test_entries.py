"""Versions read line by line are those that a YAML reader finds."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fairlead.charts import ChartContentError, documents
from fairlead.charts.entries import quick
from tests.unit.charts.test_index import HELM

WANTED = ("version", "name", "digest", "created", "deprecated", "appVersion", "description", "urls")
ENTRY = b"""
  - apiVersion: v2
    appVersion: 1.10
    created: "2026-01-02T03:04:05Z"
    dependencies:
    - name: common
      version: 0.0.1
    description: A thing's description (with signs), 50% of them - plain
    digest: 0e66
    maintainers:
    - name: somebody
      url: https://example.com
    name: web
    urls:
    - https://example.com/web-1.0.0.tgz
    - 'web 1.0.0.tgz'
    version: 1.0.0
  - name: web
    urls:
    - a.tgz
    version: 1.0.0-rc.1
"""
VALUES = (
    *(b"1.0.0", b"'1.0.0'", b'"1.0.0"', b"~", b"", b"null", b"1.10", b"true", b"a b", b"a: b", b"a # b"),
    *(b"a#b", b"|", b">-", b"|\n      text", b"a\n      more", b'"a\n      more"', b"'it''s'", b'"\\u0041"'),
    *(b"[a, b]", b"{a: b}", b"&x a", b"*x", b"!!str 1", b"- a", b"-1", b"? a", b"a:", b"@a", b"%a", b"`a"),
    *(b",a", b"]", b"v\xc3\xa4rde", b"\xff", b"# c", b"a\n\n      more", b"a\n    # comment", b'"a" # c'),
    *(b"\n      nested: a", b"\n    - a", b"\n      - a\n      - b", b"a\t#b", b'""', b"a\x07b", b"[]"),
)
KEYS = (
    *(name.encode() for name in WANTED),
    b"other",
    b'"version"',
    b"'name'",
    b"<<",
    b"? version",
    b"&a name",
    b"version ",
)


def by_yaml(text: bytes) -> list[dict[str, object]]:
    return [{key: fields[key] for key in fields if key in WANTED} for fields in documents.sequence(text)]


def test_the_form_that_helm_writes_is_read_line_by_line() -> None:
    found = quick(ENTRY, 0, len(ENTRY))
    assert found is not None
    assert found == by_yaml(ENTRY)
    assert [fields["version"] for fields in found] == ["1.0.0", "1.0.0-rc.1"]
    dos = ENTRY.replace(b"\n", b"\r\n")
    assert quick(dos, 1, len(dos)) == by_yaml(dos) == found


def test_what_surrounds_the_entry_is_not_read() -> None:
    text = HELM[: HELM.index(b"  alpine:")]
    whole = text + b"  web:" + ENTRY + b"  z:\n  - version: 9.9.9\n"
    start = len(text) + len(b"  web:")
    assert quick(whole, start, start + len(ENTRY)) == by_yaml(ENTRY)


@pytest.mark.parametrize("place", range(ENTRY.count(b"\n")))
@pytest.mark.parametrize("key", KEYS)
def test_any_line_in_any_form_is_read_as_yaml_has_it_or_left_to_it(key: bytes, place: int) -> None:
    lines = ENTRY.split(b"\n")
    for value in VALUES:
        for indent in (b"    ", b"  - "):
            changed = [*lines[: place + 1], indent + key + b": " + value, *lines[place + 1 :]]
            compare(b"\n".join(changed))


def compare(text: bytes) -> None:
    found = quick(text, 0, len(text))
    if found is None:
        return
    try:
        expected = by_yaml(text)
    except ChartContentError:
        return
    assert found == expected, text


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 6), st.sampled_from((b"", b"- ")), st.sampled_from(KEYS), st.sampled_from(VALUES)
        ),
        min_size=1,
        max_size=8,
    )
)
@example([(2, b"- ", b"version", b"1.0.0"), (5, b"", b"name", b"a")])
def test_lines_at_any_depth_are_read_as_yaml_has_them_or_left_to_it(
    lines: list[tuple[int, bytes, bytes, bytes]],
) -> None:
    compare(
        b"".join(b"\n" + b" " * indent + dash + key + b": " + value for indent, dash, key, value in lines)
    )
