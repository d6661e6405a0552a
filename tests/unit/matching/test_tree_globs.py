"""Globs of directories and files of a repository."""

from __future__ import annotations

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.matching.errors import GlobError
from fairlead.matching.tree_globs import TreeGlob, of_directories, of_files

PATHS = st.lists(st.sampled_from(["a", "ab", "b.c", ".d"]), min_size=1, max_size=4).map("/".join)
PATTERNS = st.lists(
    st.sampled_from(["a", "*", "a*", "?b", "**", "[a-b]*", "b.c"]), min_size=1, max_size=4
).map("/".join)


def old(pattern: str) -> TreeGlob:
    return of_files(pattern, globstar=False)


def new(pattern: str) -> TreeGlob:
    return of_files(pattern, globstar=True)


@pytest.mark.parametrize(
    ("glob", "path", "is_meant"),
    [
        (of_directories("apps/*"), "apps/a", True),
        (of_directories("apps/*"), "apps/a/b", False),
        (of_directories("apps/*"), "apps", False),
        (of_directories("*"), "apps", True),
        (of_directories("**"), "apps", True),
        (of_directories("**"), "apps/a", False),
        (of_directories("apps/**/x"), "apps/a/x", True),
        (of_directories("apps/**/x"), "apps/x", False),
        (of_directories("apps/{a,b}"), "apps/a", False),
        (of_directories("apps/[^a]*"), "apps/b1", True),
        (of_directories("apps/a/"), "apps/a", False),
        (old("apps/*/config.json"), "apps/a/config.json", True),
        (old("apps/*/config.json"), "apps/a/b/config.json", True),
        (old("**/config.json"), "config.json", False),
        (old("**/config.json"), "a/b/config.json", True),
        (old("apps"), "apps/a/config.json", True),
        (old("apps/"), "apps/a/config.json", True),
        (old("apps"), "apps2/a", False),
        (old("./apps//a.json"), "apps/a.json", True),
        (old("a{b,c}.json"), "ab.json", False),
        (old("."), "anything/at/all", True),
        (old(":(glob)apps/*/c.json"), "apps/a/b/c.json", False),
        (old(":(glob)apps/**/c.json"), "apps/c.json", True),
        (new("apps/*/config.json"), "apps/a/config.json", True),
        (new("apps/*/config.json"), "apps/a/b/config.json", False),
        (new("apps/**/config.json"), "apps/config.json", True),
        (new("apps/**/config.json"), "apps/a/b/config.json", True),
        (new("**/config.json"), "config.json", True),
        (new("**"), "a/b", True),
        (new("apps/{a,b/c}/x.json"), "apps/b/c/x.json", True),
        (new("apps/a**/x.json"), "apps/ab/x.json", True),
        (new("apps/a**/x.json"), "apps/ab/c/x.json", False),
    ],
)
def test_each_kind_of_glob_means_what_its_tool_means(glob: TreeGlob, path: str, is_meant: bool) -> None:
    assert glob.matches(path) is is_meant


@pytest.mark.parametrize(
    "read", [lambda: of_directories("a/["), lambda: new("{a"), lambda: old("/etc/*"), lambda: old("../x/*")]
)
def test_a_glob_that_cannot_be_read_is_an_error(read: object) -> None:
    with pytest.raises(GlobError):
        read()  # type: ignore[operator]


@given(PATTERNS, PATHS, st.sampled_from([of_directories, old, new]))
def test_no_folder_is_passed_by_that_holds_what_is_meant(pattern: str, path: str, read: object) -> None:
    glob: TreeGlob = read(pattern)  # type: ignore[operator]
    if glob.matches(path):
        parts = path.split("/")
        assert all(glob.may_hold("/".join(parts[:at])) for at in range(len(parts)))


@given(PATTERNS, PATHS)
def test_the_old_style_crosses_directories_as_fnmatch_does(pattern: str, path: str) -> None:
    glob = old(pattern)
    if fnmatch.fnmatchcase(path, pattern):
        assert glob.matches(path)
