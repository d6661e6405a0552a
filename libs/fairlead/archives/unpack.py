"""From an archive's bytes to the files it holds, one after the other.

Invariant: nothing of it touches the file system by its own name, and no more of it is unpacked than `Limits`
say. Whether its files fit together is seen where they are put together: see `trees`.
"""

from collections.abc import Iterable, Iterator

import msgspec

from fairlead.archives import tar, zipped
from fairlead.archives.errors import ArchiveRefusedError
from fairlead.archives.files import File, amount, clean_path, is_of_git, shown
from fairlead.archives.inflate import Inflated
from fairlead.archives.limits import Limits

_LIMITS = Limits()


def unpack(archive: bytes, limits: Limits = _LIMITS) -> Iterator[File]:
    """The files of a tar archive, gzipped or not, or of a zip archive. Folders of Git are left out.

    Blocks: an archive within the limits may take half a minute. Raises ArchiveRefusedError, before the first
    file or at any later one.
    """
    if len(archive) > limits.archive:
        raise ArchiveRefusedError(f"it is larger than {amount(limits.archive)}")
    if archive[:4] in zipped.MAGIC:
        found = zipped.entries(archive, limits)
    else:
        found = tar.entries(Inflated(archive, limits), limits)
    return _files(found, limits)


def beneath_root(files: Iterable[File], root: str = "") -> Iterator[File]:
    """The files of the one folder that an archive holds, without its name.

    Of an archive whose first folder is `root` any others are left out. Raises ArchiveRefusedError when
    something is beside the folder, or nothing is in one.
    """
    chosen = ""
    for file in files:
        folder, _, rest = file.path.partition("/")
        if not rest:
            raise ArchiveRefusedError(f"{shown(file.path)} is in no folder; all has to be in one")
        chosen = chosen or folder
        if folder == chosen:
            yield msgspec.structs.replace(file, path=rest, same_as=_beneath(file, chosen))
        elif chosen != root:
            raise ArchiveRefusedError(f"it has the folders {shown(chosen)} and {shown(folder)}, not one")
    if not chosen:
        raise ArchiveRefusedError("it has no files")


def _beneath(file: File, root: str) -> str:
    if not file.same_as:
        return ""
    folder, _, rest = file.same_as.partition("/")
    if folder != root:
        raise ArchiveRefusedError(f"{shown(file.path)} is a hard link out of its folder")
    return rest


def _files(found: Iterable[tar.Entry], limits: Limits) -> Iterator[File]:
    for number, entry in enumerate(found):
        if number >= limits.files:
            raise ArchiveRefusedError(f"it has more than {limits.files} entries")
        path = clean_path(entry.name, limits)
        if entry.kind == "folder" or is_of_git(path):
            continue
        if not path:
            raise ArchiveRefusedError(f"{shown(entry.name)} is no name of a file")
        if entry.kind == "hard link":
            yield File(path, b"", same_as=clean_path(entry.target, limits))
        elif entry.kind == "link":
            yield File(path, entry.target, is_link=True)
        else:
            yield File(path, entry.content, executable=entry.executable)
