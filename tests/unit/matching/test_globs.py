"""Globs, against a slow and obvious matcher."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fairlead.matching.errors import GlobError
from fairlead.matching.globs import check, matches, matches_list, matches_path


@pytest.mark.parametrize(
    ("pattern", "text", "plain", "path"),
    [
        ("*", "a/b", True, False),
        ("**", "a/b", True, True),
        ("https://git/team/*", "https://git/team/app", True, True),
        ("https://git/team/*", "https://git/team/app/deep", True, False),
        ("https://git/**/app", "https://git/x/y/app", True, True),
        ("team-?", "team-a", True, True),
        ("a?b", "a/b", True, False),
        ("{dev,stage}-*", "stage-1", True, True),
        ("{dev,stage}-*", "prod-1", False, False),
        ("a{b,{c,d}e}", "ade", True, True),
        ("[a-c]x", "bx", True, True),
        ("[!a-c]x", "bx", False, False),
        ("[!a]b", "/b", True, False),
        (r"\*", "*", True, True),
        (r"\*", "x", False, False),
        ("*b", "abb", True, True),
        ("*.k8s.io", "networking.k8s.io", True, True),
        ("", "", True, True),
        ("", "a", False, False),
    ],
)
def test_patterns(pattern: str, text: str, plain: bool, path: bool) -> None:
    assert matches(pattern, text) is plain
    assert matches_path(pattern, text) is path


@pytest.mark.parametrize("pattern", ["{a", "[a", "a\\", "[!]", "[z-a]", "x" * 2000, "{a,b}" * 7, "**/" * 9])
def test_what_cannot_be_read_matches_nothing(pattern: str) -> None:
    with pytest.raises(GlobError):
        check(pattern, separator="/")
    assert not matches_path(pattern, "a")


def test_a_deny_wins_over_every_allow_wherever_it_stands() -> None:
    assert matches_list(["*", "!kube-*"], "web")
    assert not matches_list(["!kube-*", "*"], "kube-system")
    assert not matches_list(["!kube-*"], "web")


def test_a_pattern_of_many_stars_is_answered() -> None:
    assert not matches("*a" * 100 + "b", "a" * 5000)
    assert not matches_path("*a" * 100 + "b", "a" * 5000)


@cache
def obvious(pattern: str, text: str, separator: str) -> bool:
    if not pattern:
        return not text
    if pattern.startswith("*"):
        deep = not separator or pattern.startswith("**")
        rest = pattern.lstrip("*")
        for at in range(len(text) + 1):
            if obvious(rest, text[at:], separator):
                return True
            if at < len(text) and text[at] == separator and not deep:
                return False
        return False
    if not text:
        return False
    one = text[0] != separator if pattern[0] == "?" else text[0] == pattern[0]
    return one and obvious(pattern[1:], text[1:], separator)


@given(st.text("ab/*?", max_size=9), st.text("ab/", max_size=9))
@example("**a*b", "a/ab")
@example("*ab*b", "aababb")
def test_matching_is_what_it_says(pattern: str, text: str) -> None:
    for separator in ("", "/"):
        try:
            check(pattern, separator=separator)
        except GlobError:
            continue
        assert matches(pattern, text, separator=separator) is obvious(pattern, text, separator)
