"""One tree of Git: the entries of a directory, taken apart as far as somebody needs them.

Why: directories of thousands of applications differ in one entry from commit to commit, and what differs is
found without taking the others apart.
"""

import re
from collections.abc import Iterable

_DIRECTORY = (b"40000", b"040000")
_KINDS = {
    **dict.fromkeys(_DIRECTORY, "directory"),
    b"120000": "link",
    b"160000": "submodule",
}
_ENTRY = {width: re.compile(rb"[0-7]+ [^\0]+\0.{%d}" % width, re.S) for width in (20, 32)}
_PARTS = {width: re.compile(rb"([0-7]+) ([^\0]+)\0(.{%d})" % width, re.S) for width in (20, 32)}

Entries = dict[bytes, tuple[bytes, bytes]]
"""Mode and binary id by name."""


class Tree:
    """A tree as Git has it; ids in it are `width` bytes long."""

    __slots__ = ("_body", "_entries", "_width")

    def __init__(self, body: bytes = b"", width: int = 20) -> None:
        self._body = body
        self._width = width
        self._entries: Entries | None = None

    @property
    def size(self) -> int:
        """Bytes of Git's form."""
        return len(self._body)

    @property
    def entries(self) -> Entries:
        """All entries. Nobody may change them."""
        if self._entries is None:
            self._entries = _taken_apart(self._width, (self._body,))
        return self._entries

    def get(self, name: bytes) -> tuple[bytes, bytes]:
        """Mode and binary id of what is there under a name; both empty where nothing is."""
        return self.entries.get(name, (b"", b""))

    def differing(self, other: "Tree") -> tuple[Entries, Entries]:
        """The entries of either that are not the same in the other."""
        mine, its = self._lines(), other._lines()
        return _taken_apart(self._width, mine - its), _taken_apart(other._width, its - mine)

    def _lines(self) -> set[bytes]:
        return set(_ENTRY[self._width].findall(self._body))


def _taken_apart(width: int, lines: Iterable[bytes]) -> Entries:
    found = _PARTS[width].findall(b"".join(lines))
    return {name: (mode, oid) for mode, name, oid in found}


def is_directory(mode: bytes) -> bool:
    """Whether a tree entry's mode is that of a tree."""
    return mode in _DIRECTORY


def kind_of(mode: bytes) -> str:
    """Of which kind a tree entry is, whatever its permissions: file, directory, link or submodule."""
    return _KINDS.get(mode, "file")
