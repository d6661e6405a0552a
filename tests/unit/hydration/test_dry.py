"""What is told of a dry commit, and the templates that tell it."""

from hypothesis import given
from hypothesis import strategies as st

from fairlead.hydration.dry import MAX_REFERENCES, metadata_of
from fairlead.hydration.files import Folder, blob_id, differing
from fairlead.hydration.texts import dry_sha_of, folder_metadata, note, root_metadata, variables
from fairlead.rpc.hydration import DryCommit

PREFIX = "Argocd-reference-commit"


def of(message: str) -> DryCommit:
    return DryCommit(repo_url="https://git.example/dry", sha="d" * 40, message=message)


def test_trailers_become_references_and_leave_the_body() -> None:
    found = metadata_of(of(f"Subject\n\nBody.\n\n{PREFIX}-sha: abcdef0\nSigned-off-by: Ann\n"))
    assert (found.subject, found.body) == ("Subject", "Body.\n\nSigned-off-by: Ann")
    [reference] = found.references
    assert reference.commit.sha == "abcdef0"


def test_a_trailer_that_comes_again_begins_another_commit() -> None:
    lines = [f"{PREFIX}-{field}: {value}" for value in ("aaaaaa", "bbbbbb") for field in ("sha", "subject")]
    found = metadata_of(of("S\n\n" + "\n".join(lines)))
    assert [each.commit.subject for each in found.references] == ["aaaaaa", "bbbbbb"]
    many = "\n".join(f"{PREFIX}-sha: {number:07x}" for number in range(MAX_REFERENCES + 5))
    assert len(metadata_of(of(f"S\n\n{many}")).references) == MAX_REFERENCES


def test_what_a_trailer_cannot_be_is_left_out() -> None:
    lines = "\n".join(
        f"{PREFIX}-{field}: {value}"
        for field, value in (
            ("sha", "$(rm -rf /)"),
            ("date", "tomorrow"),
            ("repourl", "javascript:alert(1)"),
            ("body", '"broken'),
        )
    )
    assert metadata_of(of(f"S\n\n{lines}")).references == ()


@given(st.text(max_size=300))
def test_whatever_a_message_says_it_is_told_on(message: str) -> None:
    found = metadata_of(of(message))
    assert dry_sha_of(root_metadata(found)) == dry_sha_of(note(found)) == "d" * 40
    assert "\n" not in found.subject
    assert variables(found)["metadata"]["subject"] == found.subject


@given(st.binary(max_size=60))
def test_a_note_that_is_none_names_no_commit(content: bytes) -> None:
    assert isinstance(dry_sha_of(content), str)
    assert dry_sha_of(b'{"drySha": 1}') == dry_sha_of(b"[]") == dry_sha_of(b"") == ""


def test_a_folder_differs_by_its_manifests_or_when_one_of_its_files_is_not_there() -> None:
    folder = Folder(path="a", manifest=b"x")
    there = {"manifest.yaml": blob_id(b"x"), "README.md": "1" * 40, "hydrator.metadata": "2" * 40}
    assert differing([folder], {"a": there}) == []
    assert differing([folder], {"a": {**there, "manifest.yaml": blob_id(b"y")}}) == [folder]
    assert differing([folder], {"a": {k: v for k, v in there.items() if k != "README.md"}}) == [folder]
    assert differing([folder], {}) == [folder]


def test_no_commands_are_no_field() -> None:
    assert b"commands" not in folder_metadata(metadata_of(of("S")), ())
