"""Looks at a repository: a failure is everybody's, and is nobody's frames."""

from pathlib import Path

import pytest

from fairlead.events import Cause
from fairlead.git import GitError, GitInvalidError, GitProgram, GitTransientError, Mirror, RevisionError
from fairlead.git.entries import REPOSITORY, entry_of
from fairlead.git.mirror import MovedRef
from fairlead.process.handed_credentials import Repositories
from fairlead.repo_server.remotes.mirrors import Mirrors
from fairlead.repo_server.remotes.repository import Repository

MOVE = MovedRef(ref="refs/heads/main", old="a" * 40, new="b" * 40)


class Remote:
    """What the looks find: failures first, then a move each."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path, *failures: GitError) -> None:
        self.failures = list(failures)
        self.looks = 0
        self.told: list[tuple[MovedRef, ...]] = []
        self.recovered: list[str] = []
        self.deaf = 0

        async def opened(_: Mirror) -> None:
            return

        monkeypatch.setattr(Mirror, "open", opened)
        monkeypatch.setattr(Mirror, "check", self._check)
        mirrors = Mirrors(
            folder=folder,
            program=GitProgram(home=folder),
            book=Repositories(),
            moved=self._moved,
            recovered=lambda repository: self.recovered.append(repository.identity),
        )
        self.repository = mirrors.of("https://host/x.git", "default")
        self.repository.mirror.refs = {"refs/heads/main": "a" * 40}

    async def _check(self, *_: object, **__: object) -> tuple[MovedRef, ...]:
        self.looks += 1
        if self.failures:
            raise self.failures.pop(0)
        return (MOVE,)

    async def _moved(self, _: Repository, moves: tuple[MovedRef, ...], __: Cause) -> None:
        if self.deaf:
            self.deaf -= 1
            raise GitTransientError("nobody could be told")
        self.told.append(moves)


def depth(error: BaseException) -> int:
    """Frames that an error has come through."""
    frames, traceback = 0, error.__traceback__
    while traceback is not None:
        frames, traceback = frames + 1, traceback.tb_next
    return frames


async def raised(repository: Repository, max_age: float) -> GitError:
    with pytest.raises(GitError) as found:
        await repository.ensure(max_age, Cause.RESYNC)
    return found.value


async def test_a_failure_that_is_told_to_many_gathers_no_frames(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = Remote(monkeypatch, tmp_path, GitTransientError("away"))
    repository = remote.repository
    errors = [await raised(repository, 60.0) for _ in range(50)]
    assert remote.looks == 1, "a failed look is the answer for a moment"
    assert repository.failure is not None
    assert repository.failure.__traceback__ is None
    assert len({id(error) for error in errors}) == len(errors)
    assert depth(errors[-1]) == depth(errors[1])
    assert {str(error) for error in errors} == {"away"}


async def test_who_insists_looks_again_although_the_last_look_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = Remote(monkeypatch, tmp_path, GitTransientError("away"), GitInvalidError("refused"))
    assert str(await raised(remote.repository, 0.0)) == "away"
    assert isinstance(await raised(remote.repository, 0.0), GitInvalidError)
    assert remote.repository.failures == 2
    await remote.repository.ensure(0.0, Cause.RESYNC)
    assert remote.looks == 3
    assert remote.recovered == ["host/x"]
    assert remote.told == [(MOVE,)]


async def test_a_move_that_could_not_be_told_is_owed_until_the_next_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = Remote(monkeypatch, tmp_path)
    remote.deaf = 1
    await raised(remote.repository, 0.0)
    await remote.repository.ensure(0.0, Cause.RESYNC)
    assert remote.told == [(MOVE,)]


@pytest.mark.parametrize("error", [GitTransientError("away"), GitInvalidError("no"), RevisionError("v1")])
async def test_every_failure_says_the_same_to_all(
    error: GitError, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = str(error)
    remote = Remote(monkeypatch, tmp_path, error)
    first, second = await raised(remote.repository, 60.0), await raised(remote.repository, 60.0)
    assert (str(first), str(second)) == (words, words)
    assert type(first) is type(second) is type(error)


def test_how_a_server_is_met_is_declared_also_for_who_brings_a_password(tmp_path: Path) -> None:
    book = Repositories()
    url = "https://host/x.git"
    declared = {"url": url, "insecure": "true", "proxy": "http://proxy.corp:3128"}
    book.put("one", entry_of(REPOSITORY, declared))
    mirrors = Mirrors(folder=tmp_path, program=GitProgram(home=tmp_path), book=book)
    found = mirrors.of("https://me:secret@host/x.git", "default").credential()
    assert (found.username, found.password) == ("me", "secret")
    assert (found.insecure, found.proxy) == (True, "http://proxy.corp:3128")
