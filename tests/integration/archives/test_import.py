"""Files that were brought into a repository, as Git itself reads them."""

import asyncio
import itertools
import os
import subprocess
import tarfile
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fairlead.archives import (
    ArchiveRefusedError,
    File,
    ImportFailedError,
    create_repository,
    import_blob,
    import_files,
    unpack,
)
from fairlead.git import GitProgram, Mirror
from fairlead.git.mirror import sweep
from tests.unit.archives.tars import file, special, tar

FILES = (
    File("Chart.yaml", b"name: web\n"),
    File("templates/deployment.yaml", b"kind: Deployment\n"),
    File("templates-more", b"sorted before the folder"),
    File("templates.yaml", b"and this one"),
    File("bin/run", b"#!/bin/sh\n", executable=True),
    File("deep/er/and/deeper", b""),
    File("link", b"templates/deployment.yaml", is_link=True),
    File("deep/up", b"../Chart.yaml", is_link=True),
    File("again", b"", same_as="bin/run"),
    File("w\udce9ird name\n\"'", b"1"),
)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    path = tmp_path / "some.git"
    create_repository(path)
    return path


def git(repository: Path, *arguments: str, given: bytes = b"") -> bytes:
    command = ["git", f"--git-dir={repository}", *arguments]
    return subprocess.run(command, input=given, capture_output=True, check=True, timeout=60).stdout


def of_git(folder: Path, files: tuple[File, ...]) -> str:
    """The tree that git itself makes of files."""
    git(folder, "init", "--quiet", "--bare", str(folder))
    modes = {one.path: "100755" if one.executable else "120000" if one.is_link else "100644" for one in files}
    contents = {one.path: one.content for one in files}
    lines = []
    for one in files:
        source = one.same_as or one.path
        oid = git(folder, "hash-object", "-w", "--stdin", given=contents[source]).decode().strip()
        lines.append(f"{modes[source]} {oid}\t".encode() + one.path.encode(errors="surrogateescape"))
    git(folder, "update-index", "-z", "--index-info", given=b"\0".join(lines) + b"\0")
    return git(folder, "write-tree").decode().strip()


async def test_a_commit_of_files_is_what_git_makes_of_them(repository: Path, tmp_path: Path) -> None:
    commit = await import_files(repository, FILES, message="web 1.0.0")
    assert git(repository, "rev-parse", f"{commit}^{{tree}}").decode().strip() == of_git(
        tmp_path / "g.git", FILES
    )
    assert git(repository, "fsck", "--full", "--strict") == b""
    assert (
        git(repository, "log", "-1", "--format=%an %at %B", commit).decode().strip() == "fairlead 0 web 1.0.0"
    )


async def test_equal_files_are_one_commit_and_one_pack(repository: Path, tmp_path: Path) -> None:
    first = await import_files(repository, FILES)
    again = await import_files(repository, iter(FILES))
    other = tmp_path / "other.git"
    create_repository(other)
    assert first == again == await import_files(other, FILES)
    assert len(list((repository / "objects/pack").iterdir())) == 2
    assert await import_files(repository, FILES, message="other") != first


async def test_what_was_brought_in_stays_when_git_collects_and_goes_when_it_is_let_go(
    repository: Path,
) -> None:
    commit = await import_files(repository, FILES)
    blob = await import_blob(repository, b"large file")
    git(repository, "gc", "--prune=now", "--quiet")
    assert git(repository, "cat-file", "-p", blob) == b"large file"
    for oid in (commit, blob):
        git(repository, "update-ref", "-d", f"refs/fairlead/pins/{oid}")
    git(repository, "gc", "--prune=now", "--quiet")
    with pytest.raises(subprocess.CalledProcessError):
        git(repository, "cat-file", "-e", commit)


async def test_a_mirror_that_is_open_sees_what_is_brought_in(repository: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    mirror = Mirror(GitProgram(home=home), repository)
    await mirror.open()
    assert not await mirror.objects.has_commit("0" * 40)
    commit = await import_files(repository, FILES)
    assert await mirror.objects.has_commit(commit)
    mirror.close()


async def test_many_imports_at_once_disturb_nobody(repository: Path) -> None:
    sets = [(File("n", str(number % 5).encode()), *FILES) for number in range(20)]
    commits = await asyncio.gather(*(import_files(repository, files) for files in sets))
    assert len(set(commits)) == 5
    assert git(repository, "fsck", "--full", "--strict") == b""
    assert not list(repository.rglob(".import-*")) + list(repository.rglob("*.lock"))


async def test_what_a_killed_import_left_is_removed_by_a_later_one(repository: Path) -> None:
    old, young = (repository / "objects/pack" / f".import-{name}" for name in ("old", "young"))
    for left in (old, young):
        left.write_bytes(b"PACK")
    os.utime(old, (1, 1))
    commit = await import_files(repository, FILES)
    assert (old.exists(), young.exists()) == (False, True)
    git(repository, "gc", "--quiet")
    assert git(repository, "cat-file", "-t", commit) == b"commit\n"
    assert git(repository, "fsck", "--full", "--strict") == b""


async def test_a_mirror_that_is_swept_disturbs_no_import(repository: Path) -> None:
    def files() -> Iterator[File]:
        yield FILES[0]
        sweep(repository)
        yield FILES[1]

    assert await import_files(repository, files()) == await import_files(repository, FILES[:2])


async def test_large_and_small_imports_take_turns(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ThreadPoolExecutor(max_workers=1) as only:
        monkeypatch.setattr("fairlead.archives.repository._threads", only)
        monkeypatch.setattr("fairlead.archives.importing.SLICE", 1000)
        ended: list[str] = []

        async def one(name: str, files: Iterable[File]) -> None:
            await import_files(repository, files)
            ended.append(name)

        large = (File(f"f{number}", os.urandom(1000)) for number in range(50))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(one("large", large))
            tasks.create_task(one("small", FILES))
        assert ended == ["small", "large"]
    assert git(repository, "fsck", "--full", "--strict") == b""


async def test_an_import_that_is_given_up_leaves_nothing(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ThreadPoolExecutor(max_workers=1) as only:
        monkeypatch.setattr("fairlead.archives.repository._threads", only)
        monkeypatch.setattr("fairlead.archives.importing.SLICE", 1)
        begun = threading.Event()

        def files() -> Iterator[File]:
            for number in itertools.count():
                begun.set()
                yield File(f"f{number}", b"x")

        task = asyncio.create_task(import_files(repository, files()))
        await asyncio.to_thread(begun.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert not list((repository / "objects/pack").iterdir())


async def test_an_empty_archive_is_an_empty_commit(repository: Path) -> None:
    commit = await import_files(repository, ())
    assert git(repository, "ls-tree", commit) == b""


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ((File("a", b"1"), File("a", b"2")), "there twice"),
        ((File("a", b"1"), File("a/b", b"2")), "is a file"),
        ((File("a/b", b"2"), File("a", b"1")), "both a file and a folder"),
        ((File("dir/up", b"..", is_link=True), File("dir/up/escape", b"")), "is a link"),
        ((File("a", b"/etc/passwd", is_link=True),), "no path inside"),
        ((File("a", b"", is_link=True),), "no path inside"),
        ((File("a", b"b/" * 3000, is_link=True),), "no path inside"),
        ((File("a/b", b"../../c", is_link=True),), "out of its root"),
        ((File("a/b", b"c/../../../d", is_link=True),), "out of its root"),
        ((File("a", b"", same_as="b"),), "no earlier file"),
        ((File("l", b"x", is_link=True), File("a", b"", same_as="l")), "no earlier file"),
        ((File(".GIT/config", b""),), "no path of a file"),
        ((File("../a", b""),), "no path of a file"),
        ((File("", b""),), "no path of a file"),
    ],
)
async def test_files_that_do_not_fit_together_are_refused_and_leave_nothing(
    repository: Path, files: tuple[File, ...], words: str
) -> None:
    with pytest.raises(ArchiveRefusedError, match=words):
        await import_files(repository, files)
    assert not list((repository / "objects/pack").iterdir())
    assert not (repository / "refs/fairlead").exists()


async def test_the_same_file_twice_is_one(repository: Path) -> None:
    assert await import_files(repository, (FILES[0], FILES[0])) == await import_files(repository, FILES[:1])


async def test_an_archive_that_is_refused_late_leaves_nothing(repository: Path) -> None:
    archive = tar(file("a", b"1"), special("b", tarfile.FIFOTYPE))
    with pytest.raises(ArchiveRefusedError, match="a pipe"):
        await import_files(repository, unpack(archive))
    assert not list((repository / "objects/pack").iterdir())


async def test_a_disk_that_takes_nothing_is_tried_again_later(tmp_path: Path) -> None:
    with pytest.raises(ImportFailedError):
        await import_blob(tmp_path / "nowhere.git", b"")
    (tmp_path / "file").write_text("")
    with pytest.raises(ImportFailedError):
        create_repository(tmp_path / "file" / "x.git")


async def test_a_repository_is_made_once(repository: Path) -> None:
    commit = await import_files(repository, FILES)
    create_repository(repository)
    assert git(repository, "cat-file", "-t", commit) == b"commit\n"
    assert git(repository, "rev-parse", "--is-bare-repository") == b"true\n"
