"""The refs of a mirror, read from its files: far cheaper than a process after every fetch."""

import os
from collections.abc import Collection
from pathlib import Path

from fairlead.git.advertised import FOLLOWED, OBJECT_ID, OURS

Refs = dict[str, str]
PIN = f"{OURS}pins/"
"""Where commits that no branch or tag reaches are held."""


def read_refs(mirror: Path, also: Collection[str] = ()) -> Refs:
    """All followed refs, and those named, with the object each points at; loose ones override packed ones."""
    found = _packed(mirror / "packed-refs", (*FOLLOWED, *also))
    for prefix in FOLLOWED:
        _loose(mirror, str(mirror / prefix.rstrip("/")), found)
    if not also:
        return found
    for ref in also:
        _read(mirror / ref, ref, found)
    return {name: oid for name, oid in found.items() if name.startswith(FOLLOWED) or name in also}


def read_pins(mirror: Path) -> Refs:
    """The commits that are held although no branch or tag of the remote reaches them."""
    found = _packed(mirror / "packed-refs", PIN)
    _loose(mirror, str(mirror / PIN.rstrip("/")), found)
    return found


def _packed(path: Path, followed: str | tuple[str, ...] = FOLLOWED) -> Refs:
    try:
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return {}
    found = {}
    for line in text.split("\n"):
        if line[:1] not in {"#", "^"}:
            value, _, name = line.partition(" ")
            if name.startswith(followed):
                found[name] = value
    return found


def _loose(mirror: Path, folder: str, found: Refs) -> None:
    prefix = len(str(mirror)) + 1
    for parent, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".lock"):
                continue
            path = f"{parent}/{name}"
            _read(path, path[prefix:], found)


def _read(path: str | Path, name: str, found: Refs) -> None:
    """One loose ref, if it is one."""
    try:
        with open(path, encoding="ascii", errors="replace") as file:  # noqa: PTH123 - the hot path
            value = file.read(80).strip()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return
    if OBJECT_ID.match(value):
        found[name] = value


def move_refs(mirror: Path, refs: Refs) -> None:
    """Point refs that are there at other objects, as git does it. Raises OSError."""
    for name, oid in refs.items():
        path = mirror / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_name(f"{path.name}.lock")
        with lock.open("x", encoding="ascii") as file:
            file.write(f"{oid}\n")
        lock.replace(path)


def count_loose(mirror: Path, enough: int) -> int:
    """How many refs are loose; counting stops at `enough`."""
    count = 0
    for prefix in FOLLOWED:
        for _, _, names in os.walk(mirror / prefix.rstrip("/")):
            count += len(names)
            if count >= enough:
                return count
    return count
