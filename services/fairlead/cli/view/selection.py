"""Choosing objects of an application by `GROUP:KIND:[NAMESPACE/]NAME`.

A leading `!` leaves the object out; `*` matches any text in a part.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase

import msgspec

from fairlead.cli.errors import UsageError


class Pattern(msgspec.Struct, frozen=True, kw_only=True):
    """One pattern; an empty namespace matches any."""

    group: str
    kind: str
    namespace: str
    name: str
    is_excluded: bool = False

    def matches(self, group: str, kind: str, namespace: str, name: str) -> bool:
        """Whether the object is meant."""
        pairs = ((group, self.group), (kind, self.kind), (name, self.name))
        if self.namespace and not fnmatchcase(namespace, self.namespace):
            return False
        return all(fnmatchcase(value, pattern) for value, pattern in pairs)


class Selection(msgspec.Struct, frozen=True):
    """Patterns together: an exclusion wins, and without inclusions everything else is included."""

    patterns: tuple[Pattern, ...]

    def includes(self, group: str, kind: str, namespace: str, name: str) -> bool:
        """Whether the object is chosen."""
        if any(p.is_excluded and p.matches(group, kind, namespace, name) for p in self.patterns):
            return False
        wanted = [p for p in self.patterns if not p.is_excluded]
        return not wanted or any(p.matches(group, kind, namespace, name) for p in wanted)


def selection(texts: Iterable[str]) -> Selection | None:
    """The patterns of a command line, or None when there are none. Raises UsageError."""
    patterns = tuple(_pattern(text) for text in texts)
    return Selection(patterns) if patterns else None


def _pattern(text: str) -> Pattern:
    is_excluded = text.startswith("!")
    parts = text.removeprefix("!").split(":", 2)
    if len(parts) != 3:
        raise UsageError(f"resource should have GROUP:KIND:NAME, but instead got: {text}")
    namespace, slash, name = parts[2].partition("/")
    if not slash:
        namespace, name = "", parts[2]
    return Pattern(group=parts[0], kind=parts[1], namespace=namespace, name=name, is_excluded=is_excluded)
