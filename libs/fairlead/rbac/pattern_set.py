"""Many patterns, asked at once whether one of them means an object.

Most patterns are plain: a name, `project/*`, `*/name`. These are looked up; only others are compared, and of
those only such as begin like the object.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fairlead.rbac.expressions import Matches, combined, is_literal, literal_start, plain
from fairlead.rbac.policy import Mode

EVERYTHING_BELOW = "*/*"
"""What the built-in roles and most policies say of objects of projects: whatever has a `/`."""


class PatternSet:
    """Patterns that allow, or with `denies` such as deny."""

    def __init__(self, patterns: Iterable[str], mode: Mode, *, denies: bool = False) -> None:
        self._everything = self._everything_below = False
        self._exact: set[str] = set()
        self._heads: dict[int, set[str]] = {}
        self._tails: dict[int, set[str]] = {}
        others: dict[str, list[str]] = {}
        for pattern in patterns:
            glob = plain(pattern) if mode is Mode.REGEX else pattern
            if glob is None or not self._is_plain(glob):
                others.setdefault(literal_start(pattern, mode), []).append(pattern)
        self._others: dict[int, dict[str, Matches]] = {}
        for start, found in others.items():
            self._others.setdefault(len(start), {})[start] = combined(found, mode, denies=denies)
        self._starts = _Starts([*self._exact, *self._all_heads(), *others])

    def _is_plain(self, pattern: str) -> bool:
        if is_literal(pattern):
            self._exact.add(pattern)
        elif not pattern.strip("*"):
            self._everything = True
        elif pattern == EVERYTHING_BELOW:
            self._everything_below = True
        elif pattern[-1] == "*" and is_literal(pattern.rstrip("*")):
            start = pattern.rstrip("*")
            self._heads.setdefault(len(start), set()).add(start)
        elif pattern[0] == "*" and is_literal(pattern.lstrip("*")):
            end = pattern.lstrip("*")
            self._tails.setdefault(len(end), set()).add(end)
        else:
            return False
        return True

    def _all_heads(self) -> Iterable[str]:
        return (head for heads in self._heads.values() for head in heads)

    def __bool__(self) -> bool:
        return bool(
            self._everything
            or self._everything_below
            or self._exact
            or self._heads
            or self._tails
            or self._others
        )

    def means(self, text: str) -> bool:
        """Whether one of the patterns means a text."""
        if self._everything or text in self._exact or (self._everything_below and "/" in text):
            return True
        if any(text[:length] in heads for length, heads in self._heads.items()):
            return True
        if any(length <= len(text) and text[-length:] in ends for length, ends in self._tails.items()):
            return True
        for length, starts in self._others.items():
            found = starts.get(text[:length])
            if found is not None and found(text):
                return True
        return False

    def means_all(self, start: str) -> bool | None:
        """Whether one means every text that begins so, ending in `/`; None when it depends on the rest."""
        is_all = self._everything or self._everything_below
        if is_all or any(start[:length] in heads for length, heads in self._heads.items()):
            return True
        return None if self._tails or self._starts.may_begin(start) else False


class _Starts:
    """Beginnings of patterns, asked whether one agrees with the beginning of an object."""

    def __init__(self, starts: Sequence[str]) -> None:
        self._segments = {start.partition("/")[0] for start in starts if "/" in start}
        self._loose = [start for start in set(starts) if "/" not in start]

    def may_begin(self, start: str) -> bool:
        """Whether a text that begins with `start`, one segment and `/`, may begin as one of these does."""
        return start[:-1] in self._segments or any(start.startswith(loose) for loose in self._loose)
