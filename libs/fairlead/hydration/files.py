"""The files that are written, and which of them are other than what is there.

At the root stand `.gitattributes` and `hydrator.metadata`; in each folder `manifest.yaml`, `README.md` and
`hydrator.metadata`. Whatever else there is in the branch is somebody else's, and stays.
"""

import hashlib
from collections.abc import Mapping, Sequence

import msgspec

MANIFEST, README, METADATA, ATTRIBUTES = "manifest.yaml", "README.md", "hydrator.metadata", ".gitattributes"
IN_FOLDER = (MANIFEST, README, METADATA)
NAMES = frozenset({*IN_FOLDER, ATTRIBUTES})
GENERATED = b"**/README.md linguist-generated=true\n**/hydrator.metadata linguist-generated=true\n"
"""What `.gitattributes` is made of where there is none: reviews then fold what nobody reads."""

There = Mapping[str, Mapping[str, str]]
"""Object ids by name, by folder; "" is the root. What is not there is left out."""


class Folder(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder is to hold: its manifests, and how a person gets the same."""

    path: str
    manifest: bytes
    commands: tuple[str, ...] = ()


def differing(folders: Sequence[Folder], there: There) -> list[Folder]:
    """The folders whose manifests are other than what is there, or that lack one of their files."""
    return [folder for folder in folders if _differs(folder, there.get(folder.path, {}))]


def blob_id(content: bytes) -> str:
    """The name that Git gives a file's content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _differs(folder: Folder, there: Mapping[str, str]) -> bool:
    return there.get(MANIFEST) != blob_id(folder.manifest) or any(name not in there for name in IN_FOLDER)
