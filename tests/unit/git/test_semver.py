"""Ranges of versions mean what users of Argo CD expect."""

import pytest

from fairlead.git.semver import highest, parse_range, parse_version


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("1.2.*", "1.2.0 1.2.9", "1.1.9 1.3.0 1.2.3-rc.1"),
        ("1.x", "1.0.0 v1.9", "2.0.0 0.9.0"),
        ("*", "0.0.1 3.0.0", "3.0.0-rc.1"),
        ("^1.2", "1.2.0 1.9.9", "1.1.9 2.0.0"),
        ("^0.2", "0.2.0 0.2.9", "0.3.0 1.0.0"),
        ("^0.0.3", "0.0.3", "0.0.4 0.1.0"),
        ("^0.0", "0.0.0 0.0.9", "0.1.0"),
        ("^0", "0.0.1 0.9.9", "1.0.0"),
        ("~1.2.3", "1.2.3 1.2.9", "1.2.2 1.3.0"),
        ("~1", "1.0.0 1.9.0", "2.0.0"),
        ("~>1.2", "1.2.0 1.2.7", "1.3.0"),
        (">=1.0 <2", "1.0.0 1.9.9", "0.9.9 2.0.0"),
        (">=1.0, <2", "1.0.0", "2.0.0"),
        (">1", "2.0.0", "1.0.0 1.9.0"),
        (">1.2.3", "1.2.4", "1.2.3"),
        ("<=1", "1.9.9 0.1.0", "2.0.0"),
        ("<1.2", "1.1.9", "1.2.0"),
        ("!=1.2.3 >=1", "1.2.4", "1.2.3"),
        ("=1.2", "1.2.0 1.2.5", "1.3.0"),
        ("1.0 - 2.0", "1.0.0 2.0.9", "0.9.0 2.1.0"),
        ("^1 || ^3", "1.5.0 3.5.0", "2.0.0 4.0.0"),
        (">=1.0.0-0", "1.0.0-rc.1 1.0.1-beta", "0.9.0"),
        ("^1.2.3-beta.2", "1.2.3-beta.4 1.2.3 1.9.0", "1.2.3-beta.1 2.0.0"),
        ("1.2.3+build *", "1.2.3", "1.2.4"),
    ],
)
def test_a_range_holds_what_it_says(text: str, inside: str, outside: str) -> None:
    wanted = parse_range(text)
    assert wanted is not None
    versions = {version: parse_version(version) for version in (*inside.split(), *outside.split())}
    held = {name for name, version in versions.items() if version and wanted.holds(version)}
    assert held == set(inside.split())


@pytest.mark.parametrize(
    "text", ["main", "1.2.3", "v1.2", "1", "feature/1.x", "release-1.*", "", ">=", "1.2.3.4.*", "a" * 300]
)
def test_what_is_no_range_is_left_to_be_a_ref(text: str) -> None:
    assert parse_range(text) is None


def test_versions_are_ordered_by_precedence() -> None:
    texts = [
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
        "v1.10.0",
    ]
    versions = [version for text in texts if (version := parse_version(text))]
    assert sorted(versions, key=lambda version: version.order) == versions
    assert len(versions) == len(texts)


def test_the_highest_tag_wins_and_others_are_ignored() -> None:
    wanted = parse_range("*")
    assert wanted is not None
    tags = {"a": "v1.9.0", "b": "v1.10.0", "c": "nightly", "d": "2.0.0-rc.1"}
    assert highest(tags, wanted) == "b"
    assert highest({"c": "nightly"}, wanted) is None
