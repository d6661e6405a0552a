"""Paths that may be written to, and those that may not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.hydration.errors import PathRefusedError, TooMuchError
from fairlead.hydration.folders import MAX_DEPTH, MAX_PATH, clean_folder, clean_folders


@pytest.mark.parametrize(
    "path",
    [
        "", ".", "/", "/a", "a/../../b", "..", ".git", "a/.GIT/x", "git~1", ".g\u200cit", "a\\b",
        "a\nb", "a\0",
        "a/README.md/b", "hydrator.metadata", ".gitattributes", "a" * 256,
        "a/" * (MAX_DEPTH + 1), "a" * MAX_PATH + "b",
        ". ", "a/ ", ".github/workflows", "./.GitHub/x", ".tekton", ".woodpecker",
    ],
)  # fmt: skip
def test_what_leads_elsewhere_or_is_no_folder_is_refused(path: str) -> None:
    with pytest.raises(PathRefusedError):
        clean_folder(path)


def test_what_means_nothing_in_a_path_is_left_out() -> None:
    assert clean_folder("./a//b/./c/") == "a/b/c"
    assert clean_folder("a/.github") == "a/.github", "nobody acts on what is deeper"


@given(st.text(max_size=60))
def test_what_is_taken_is_relative_and_stays_as_it_is(path: str) -> None:
    try:
        found = clean_folder(path)
    except PathRefusedError:
        return
    assert clean_folder(found) == found
    assert not found.startswith("/") and ".." not in found.split("/")


def test_two_of_one_path_and_more_than_are_written_at_once_are_refused() -> None:
    assert clean_folders(["a", "a/b", "b"], most=3) == ["a", "a/b", "b"]
    with pytest.raises(PathRefusedError, match="two applications"):
        clean_folders(["a", "./a"], most=3)
    with pytest.raises(TooMuchError):
        clean_folders(["a", "b"], most=1)
    with pytest.raises(PathRefusedError):
        clean_folders([], most=1)
