"""Globs of directories and files of a repository, as generators of ApplicationSets write them.

Three kinds, each with Go's or Git's meaning: of directories, where `*` is part of one name; of files as `git
ls-files` takes them, where `*` crosses directories and a directory stands for all below it; and of files with
`**` for any number of directories and braces for alternatives.

Invariant: what cannot be read is a GlobError and never a glob of nothing, and a folder that `may_hold` denies
has nothing that matches.
"""

from __future__ import annotations

import re
from typing import Protocol

from fairlead.matching import globs
from fairlead.matching.errors import GlobError

_WILD = re.compile(r"[*?\[\\]")
_BRACES = re.compile(r"\\.|[{}]", re.DOTALL)
_ANY_DEPTH = "**"
_MAGIC = ":(glob)"


class TreeGlob(Protocol):
    """One glob."""

    def matches(self, path: str) -> bool:
        """Whether a path, from the root and without slashes at its ends, is meant."""
        ...

    def may_hold(self, folder: str) -> bool:
        """Whether something below a folder may be meant."""
        ...


def of_directories(pattern: str) -> TreeGlob:
    """A glob of directories. Raises GlobError."""
    return _Segments((_segments(_without_braces(pattern)),))


def of_files(pattern: str, *, globstar: bool) -> TreeGlob:
    """A glob of files. Raises GlobError."""
    if globstar:
        return _Segments(tuple(_segments(one, deep=True) for one in globs.expanded(pattern)))
    if pattern.startswith(_MAGIC):
        return _Segments((_segments(_without_braces(pattern.removeprefix(_MAGIC)), deep=True),))
    if pattern.startswith(":"):
        raise GlobError(f'glob "{pattern}": of Git\'s special patterns only {_MAGIC} is known')
    return _PathSpec(pattern)


class _Segments:
    """A glob that is matched name by name; alternatives are globs of their own."""

    def __init__(self, alternatives: tuple[tuple[str, ...], ...]) -> None:
        self._alternatives = alternatives

    def matches(self, path: str) -> bool:
        names = path.split("/")
        return any(len(one) in _reached(one, names) for one in self._alternatives)

    def may_hold(self, folder: str) -> bool:
        names = folder.split("/") if folder else []
        return any(at < len(one) for one in self._alternatives for at in _reached(one, names))


def _segments(pattern: str, *, deep: bool = False) -> tuple[str, ...]:
    found = tuple(pattern.split("/"))
    for segment in found:
        if not (deep and segment == _ANY_DEPTH):
            globs.check(segment)
    return found if deep else tuple(_shallow(segment) for segment in found)


def _shallow(segment: str) -> str:
    """Two stars are one where no depth is meant."""
    return "*" if segment == _ANY_DEPTH else segment


def _reached(segments: tuple[str, ...], names: list[str]) -> set[int]:
    """How many segments may be done with after these names."""
    places = _resting({0}, segments)
    for name in names:
        places = _resting({after for at in places for after in _step(segments, at, name)}, segments)
        if not places:
            break
    return places


def _step(segments: tuple[str, ...], at: int, name: str) -> tuple[int, ...]:
    if at == len(segments):
        return ()
    if segments[at] == _ANY_DEPTH:
        return (at,)
    return (at + 1,) if globs.matches(segments[at], name) else ()


def _resting(places: set[int], segments: tuple[str, ...]) -> set[int]:
    """The places, and those behind `**`, which may stand for no directory at all."""
    found = set(places)
    for place in places:
        behind = place
        while behind < len(segments) and segments[behind] == _ANY_DEPTH:
            behind += 1
            found.add(behind)
    return found


class _PathSpec:
    """A pathspec without magic."""

    def __init__(self, pattern: str) -> None:
        path = _normal(pattern)
        self._is_folder = path.endswith("/")
        self._path = path.rstrip("/")
        self._literal = _WILD.split(path, maxsplit=1)[0]
        self._glob = _without_braces(path) if _WILD.search(path) else ""
        globs.check(self._glob)

    def matches(self, path: str) -> bool:
        is_below = path.startswith(f"{self._path}/") or not self._path
        is_it = path == self._path and not self._is_folder
        return is_below or is_it or bool(self._glob and globs.matches(self._glob, path))

    def may_hold(self, folder: str) -> bool:
        begins = f"{folder}/" if folder else ""
        return self._literal.startswith(begins) or begins.startswith(self._literal)


def _normal(pattern: str) -> str:
    """As Git reads a path: `.` and doubled slashes are nothing, and the root is the repository's."""
    if pattern.startswith("/"):
        raise GlobError(
            f'glob "{pattern}" is outside of the repository: write it without the slash before it'
        )
    parts: list[str] = []
    for part in pattern.split("/")[:-1]:
        if part == "..":
            if not parts:
                raise GlobError(f'glob "{pattern}" is outside of the repository')
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    last = pattern.rpartition("/")[2]
    if last == "..":
        raise GlobError(f'glob "{pattern}" names no file')
    return "/".join((*parts, "" if last == "." else last))


def _without_braces(pattern: str) -> str:
    """A glob in which braces are what they are."""
    return _BRACES.sub(lambda found: f"\\{found[0]}" if len(found[0]) == 1 else found[0], pattern)
