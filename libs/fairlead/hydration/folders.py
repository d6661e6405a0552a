"""Which folders hydrated manifests may be written to.

Invariant: what passed `clean_folders` are relative paths of plain names, none of which is a file that is
written itself, so that nothing is written outside of a folder or in the place of another.
"""

import re
from collections.abc import Iterable

from fairlead.hydration.errors import PathRefusedError, TooMuchError
from fairlead.hydration.files import NAMES

MAX_PATH = 1024
"""Characters of a path."""
MAX_DEPTH = 64
MAX_PART = 255
"""Bytes of a name."""
_GIT = frozenset({".git", "git~1"})
_ACTED_ON = frozenset({".circleci", ".forgejo", ".gitea", ".github", ".gitlab", ".tekton", ".woodpecker"})
"""Folders at the root of which Git hosts and builders run whatever file they find."""
_IGNORED = dict.fromkeys([*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF])
"""Characters that some file systems leave out of names."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f\\]")


def clean_folders(paths: Iterable[str], *, most: int) -> list[str]:
    """The folders in their order. Raises PathRefusedError or TooMuchError."""
    found: dict[str, str] = {}
    for path in paths:
        folder = clean_folder(path)
        if folder in found:
            raise PathRefusedError(
                f"two applications are hydrated to {folder!r}: give each a syncSource.path of its own"
            )
        if len(found) == most:
            raise TooMuchError(f"more than {most} paths are hydrated to one branch")
        found[folder] = path
    if not found:
        raise PathRefusedError("there is no path to hydrate to")
    return list(found)


def clean_folder(path: str) -> str:
    """One folder, without what means nothing in it. Raises PathRefusedError."""
    shown = repr(path if len(path) <= 200 else f"{path[:200]}…")
    if len(path) > MAX_PATH:
        raise PathRefusedError(f"the path {shown} is longer than {MAX_PATH} characters")
    if _CONTROL.search(path):
        raise PathRefusedError(f"the path {shown} has a backslash or control characters")
    if path.startswith("/"):
        raise PathRefusedError(f"the path {shown} is absolute")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise PathRefusedError(f"the path {shown} leads out of the repository")
    if not parts:
        raise PathRefusedError(f"the path {shown} is the root of the repository")
    if len(parts) > MAX_DEPTH:
        raise PathRefusedError(f"the path {shown} is more than {MAX_DEPTH} folders deep")
    for part in parts:
        _check(shown, part)
    if parts[0].translate(_IGNORED).casefold() in _ACTED_ON:
        raise PathRefusedError(f"the path {shown} is in a folder whose files Git hosts act upon")
    return "/".join(parts)


def _check(shown: str, part: str) -> None:
    if len(part.encode(errors="replace")) > MAX_PART:
        raise PathRefusedError(f"the path {shown} has a name of more than {MAX_PART} bytes")
    folded = part.translate(_IGNORED).rstrip(". ").casefold()
    if folded in _GIT or not folded or not part.isprintable():
        raise PathRefusedError(f"the path {shown} has a name that is Git's own or none at all")
    if part in NAMES:
        raise PathRefusedError(f"the path {shown} has the name {part}, which is that of a file written here")
