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
from fairlead.archives.pack import COMMIT, PackWriter
from fairlead.archives.trees import EXECUTABLE, FILE, LINK, Tree, checked_target
from fairlead.git.refs import PIN

AT_ONCE = 2
"""Imports at the same time: large ones take a core each, and hold up nothing but other imports."""

PIN_TRIES = 3
"""Git removes folders of refs that are empty, and a mirror files that look left behind."""

_threads = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="archives")
_WHO = b"fairlead <fairlead@localhost> 0 +0000"
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
    """Write files as one commit without history; its id. `files` are gone through in a thread, one at a time.

    The message says what they are: it is part of the commit, as are the files and nothing else.

    Raises:
        ArchiveRefusedError: they do not fit together, or what yields them refuses.
        ImportFailedError: the disk.
    """
    return await asyncio.get_running_loop().run_in_executor(_threads, write_files, repository, files, message)


async def import_blob(repository: Path, content: bytes) -> str:
    """Write one file's content; the blob's id. Raises ImportFailedError."""
    return await asyncio.get_running_loop().run_in_executor(_threads, write_blob, repository, content)


def write_files(repository: Path, files: Iterable[File], message: str = "") -> str:
    """`import_files`, in this thread."""
    root = Tree()
    with PackWriter(repository) as pack:
        for file in files:
            if file.same_as:
                root.add(file.path, *root.find(file.same_as))
            elif file.is_link:
                root.add(file.path, LINK, pack.blob(checked_target(file.path, file.content)))
            else:
                mode = EXECUTABLE if file.executable else FILE
                root.add(file.path, mode, pack.blob(file.content))
        commit = pack.add(COMMIT, _commit(root.write(pack.tree).hex(), message)).hex()
        pack.finish()
    _pin(repository, commit)
    return commit


def write_blob(repository: Path, content: bytes) -> str:
    """`import_blob`, in this thread."""
    with PackWriter(repository) as pack:
        blob = pack.blob(content).hex()
        pack.finish()
    _pin(repository, blob)
    return blob


def _commit(tree: str, message: str) -> bytes:
    said = message.replace("\0", "").encode(errors="replace")
    return b"tree %s\nauthor %s\ncommitter %s\n\n%s\n" % (tree.encode(), _WHO, _WHO, said)


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
