"""Bringing files into a bare repository on this disk, so that renders read them as they read Git.

Invariant: equal files with an equal message are an equal commit, whoever brings them and when; what was
brought in is held by a ref of its own, `refs/fairlead/pins/<object>`, until somebody lets go of it.
"""

import asyncio
import secrets
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fairlead.archives.errors import ImportFailedError
from fairlead.archives.files import File
from fairlead.archives.importing import Import
from fairlead.archives.pack import PackWriter
from fairlead.git.refs import PIN

AT_ONCE = 2
"""Imports that are worked on at the same moment; all others have their turns, a slice each."""

PIN_TRIES = 3
"""Git removes folders of refs that are empty, and a mirror files that look left behind."""

_threads = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="archives")
_CONFIGURATION = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n"
_HEAD = "ref: refs/heads/main\n"
_FOLDERS = ("objects/info", "objects/pack", "refs/heads", "refs/tags")


def create_repository(path: Path) -> None:
    """Make an empty bare repository, unless there is one. Blocks, below a millisecond.

    Raises ImportFailedError. It is one from the moment that it has a HEAD.
    """
    if (path / "HEAD").is_file():
        return
    try:
        for folder in _FOLDERS:
            (path / folder).mkdir(parents=True, exist_ok=True)
        (path / "config").write_text(_CONFIGURATION)
        partial = path / f"HEAD.{secrets.token_hex(8)}.lock"
        partial.write_text(_HEAD)
        partial.replace(path / "HEAD")
    except OSError as error:
        raise ImportFailedError(f"the repository {path.name} cannot be made: {error}") from error


async def import_files(repository: Path, files: Iterable[File], *, message: str = "") -> str:
    """Write files as one commit without history; its id. `files` are gone through in threads, one at a time.

    The message says what they are: it is part of the commit, as are the files and nothing else.

    Raises:
        ArchiveRefusedError: they do not fit together, or what yields them refuses.
        ImportFailedError: the disk.
    """
    loop, job = asyncio.get_running_loop(), Import(repository, files, message)
    try:
        while (commit := await loop.run_in_executor(_threads, job.step)) is None:
            pass
    except asyncio.CancelledError:
        loop.run_in_executor(_threads, job.end)
        raise
    await loop.run_in_executor(_threads, _pin, repository, commit)
    return commit


async def import_blob(repository: Path, content: bytes) -> str:
    """Write one file's content; the blob's id. Raises ImportFailedError."""
    return await asyncio.get_running_loop().run_in_executor(_threads, write_blob, repository, content)


def write_blob(repository: Path, content: bytes) -> str:
    """`import_blob`, in this thread."""
    with PackWriter(repository) as pack:
        blob = pack.blob(content).hex()
        pack.finish()
    _pin(repository, blob)
    return blob


def _pin(repository: Path, oid: str) -> None:
    """Hold an object, as Git writes a ref: whole, by one rename."""
    ref = repository / f"{PIN}{oid}"
    for left in reversed(range(PIN_TRIES)):
        try:
            ref.parent.mkdir(parents=True, exist_ok=True)
            partial = ref.with_name(f"{oid}.{secrets.token_hex(8)}.lock")
            partial.write_text(f"{oid}\n")
            partial.replace(ref)
        except OSError as error:
            if not left:
                raise ImportFailedError(f"the ref of {oid} cannot be written: {error}") from error
        else:
            return
