"""Whose credentials a repository is written to with."""

from pathlib import Path

import pytest

from fairlead.commit_server.repository import WrittenRepositories, check_branches, check_place
from fairlead.git import GitInvalidError, GitProgram
from fairlead.git.credential_book import CredentialBook
from fairlead.git.entries import entry_of

URL = "https://git.example/shop"


def declared(password: str, **more: str) -> object:
    return entry_of("repository-write", {"url": URL, "username": "robot", "password": password, **more})


def repositories(folder: Path) -> tuple[CredentialBook, WrittenRepositories]:
    book = CredentialBook()
    return book, WrittenRepositories(GitProgram(home=folder), folder, book)


def test_what_all_share_stays_with_their_credentials_when_a_project_gets_its_own(tmp_path: Path) -> None:
    book, found = repositories(tmp_path)
    book.put("shared", declared("everybodys"))  # type: ignore[arg-type]
    before = found.of(URL, "shop")
    assert before is found.of(URL, "other")
    book.put("own", declared("the-projects", project="shop"))  # type: ignore[arg-type]
    assert before.remote.credential.password == "everybodys"
    assert found.of(URL, "shop").remote.credential.password == "the-projects"
    assert found.of(URL, "other") is before


def test_without_a_declaration_or_for_anything_but_git_nothing_is_written(tmp_path: Path) -> None:
    book, found = repositories(tmp_path)
    with pytest.raises(GitInvalidError, match="no credentials to write to"):
        found.of(URL, "shop")
    book.put("charts", declared("x", type="helm"))  # type: ignore[arg-type]
    with pytest.raises(GitInvalidError, match="declared as helm"):
        found.of(URL, "shop")


@pytest.mark.parametrize("name", ["", "-f", "a..b", "HEAD", "a b", "a/", "/a", "a.lock", "a@{1}", ":a"])
def test_what_is_no_branch_is_refused(name: str) -> None:
    check_branches("main", "env/prod-next", "grün")
    with pytest.raises(GitInvalidError):
        check_branches("main", name)


def test_a_branch_beneath_another_or_above_one_is_refused_in_words() -> None:
    refs = {"refs/heads/env": "1", "refs/heads/dev/a": "2", "refs/tags/x": "3"}
    for name, other in (("env/prod", "env"), ("env/prod/a", "env"), ("dev", "dev/a")):
        with pytest.raises(GitInvalidError, match=f"no branch {name} beside {other}:"):
            check_place(name, refs)
    for name in ("env", "env-next", "dev/b", "de", "x/y"):
        check_place(name, refs)
    with pytest.raises(GitInvalidError, match="no branch env beside env/next:"):
        check_branches("env", "env/next")
