"""A commit, and the note on it, as Git's own objects in the mirror.

Invariant: they are whole in the mirror before a push names them, and reachable from nothing until then.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from fairlead.archives import ImportFailedError
from fairlead.archives.pack import COMMIT, TREE, PackWriter, object_id
from fairlead.commit_server.signing import Signer
from fairlead.commit_server.tree import Packed, files_in, grown, read_folders, root_of
from fairlead.git import GitTransientError
from fairlead.git.trees import Trees
from fairlead.rpc.hydration import Authoring

USUAL = Authoring()
BEGINNING = "Begin the branch of hydrated manifests\n"
NOTING = "Note what was hydrated\n"
MAX_NAME = 200
"""Characters of an author's name, and of an address."""
EMPTY = object_id(TREE, b"").hex()


async def committed(
    authoring: Authoring, tree: str, parents: Iterable[str], message: str, signer: Signer | None = None
) -> bytes:
    """A commit object's body. Raises SigningError."""
    who = f"{_plain(authoring.name, USUAL.name)} <{_plain(authoring.email, USUAL.email)}>"
    at = f"{who} {int(time.time())} +0000"
    lines = [f"tree {tree}", *(f"parent {one}" for one in parents), f"author {at}", f"committer {at}"]
    body = ("\n".join(lines) + f"\n\n{message}").encode(errors="replace")
    return await signer.signed(body) if signer is not None else body


def id_of(body: bytes) -> str:
    """The id of a commit object."""
    return object_id(COMMIT, body).hex()


async def noted(
    trees: Trees, notes: str, commit: str, content: bytes, authoring: Authoring
) -> tuple[str, Packed]:
    """The commit of notes (upon `notes`, "" for none) in which that content is noted on a commit."""
    root = await root_of(trees, notes)
    place = await _place(trees, root, commit)
    found = await read_folders(trees, root, [place.rpartition("/")[0]])
    tree, packed = grown(found, {place: content})
    body = await committed(authoring, tree, [notes] if notes else [], NOTING)
    return id_of(body), [*packed, (COMMIT, body)]


async def note_on(trees: Trees, notes: str, commit: str) -> bytes:
    """What is noted on a commit, b"" when nothing is."""
    root = await root_of(trees, notes)
    place = await _place(trees, root, commit)
    folder, _, name = place.rpartition("/")
    found = await read_folders(trees, root, [folder])
    oid = files_in(found.get(folder, {}), [name]).get(name)
    return (await trees.objects.contents([oid], "blob"))[0] if oid else b""


async def write(mirror: Path, packed: Sequence[tuple[int, bytes]]) -> None:
    """Put objects into the mirror, all or none. Raises GitTransientError."""
    try:
        await asyncio.to_thread(_write, mirror, packed)
    except ImportFailedError as error:
        raise GitTransientError(str(error)) from error


def _write(mirror: Path, packed: Sequence[tuple[int, bytes]]) -> None:
    with PackWriter(mirror) as pack:
        for kind, content in packed:
            pack.add(kind, content)
        pack.finish()


async def _place(trees: Trees, root: str, commit: str) -> str:
    """Where the note on a commit is, or belongs: Git finds it at any depth of folders of two digits each."""
    shallow, deeper = f"{commit[:2]}/{commit[2:]}", f"{commit[:2]}/{commit[2:4]}/{commit[4:]}"
    found = await read_folders(trees, root, [deeper.rpartition("/")[0]])
    for place in (commit, shallow, deeper):
        folder, _, name = place.rpartition("/")
        if name.encode() in found.get(folder, {}):
            return place
    return shallow


def _plain(text: str, otherwise: str) -> str:
    """As Git takes names: without what would end one."""
    kept = "".join(letter for letter in text if letter.isprintable() and letter not in "<>")
    return kept.strip(" .,:;\"'")[:MAX_NAME] or otherwise
