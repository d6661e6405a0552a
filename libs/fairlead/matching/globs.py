"""Globs as projects write them: ``*``, ``**``, ``?``, ``[a-z]``, ``[!x]``, ``{a,b}`` and backslash.

With a separator (paths, repositories, groups and kinds) ``*`` and ``?`` stop at it and ``**`` does not;
without one (servers, namespaces, accounts, windows) ``*`` crosses everything.

Invariant: matching takes time linear in the text, whatever the pattern; what cannot be read matches nothing,
and where something is denied everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from fairlead.matching.errors import GlobError

MAX_LENGTH = 1024
"""Characters of a pattern."""

MAX_ALTERNATIVES = 64
"""Plain patterns that a pattern with braces may stand for."""

MAX_DEEP_STARS = 3
"""``**`` in a pattern with separator; each multiplies the work by the length of the text."""

_CACHED = 4096


def matches(pattern: str, text: str, *, separator: str = "") -> bool:
    """Whether the whole text is what the pattern describes. A malformed pattern matches nothing."""
    try:
        return any(expression.fullmatch(text) for expression in _compiled(pattern, separator))
    except GlobError:
        return False


def matches_path(pattern: str, text: str) -> bool:
    """:func:`matches` with ``/`` as separator."""
    return matches(pattern, text, separator="/")


def denies(pattern: str, text: str, *, separator: str = "") -> bool:
    """:func:`matches` for what is denied: a pattern that cannot be read denies everything."""
    try:
        return any(expression.fullmatch(text) for expression in _compiled(pattern, separator))
    except GlobError:
        return True


def matches_list(patterns: Iterable[str], text: str, *, separator: str = "") -> bool:
    """Whether any pattern matches and no ``!`` pattern does."""
    allowed = False
    for pattern in patterns:
        if pattern.startswith("!"):
            if denies(pattern[1:], text, separator=separator):
                return False
        else:
            allowed = allowed or matches(pattern, text, separator=separator)
    return allowed


def check(pattern: str, *, separator: str = "") -> None:
    """Raise :class:`GlobError` when a pattern cannot be read."""
    _compiled(pattern, separator)


def expanded(pattern: str) -> tuple[str, ...]:
    """The patterns without braces that a pattern stands for. Raises :class:`GlobError`."""
    if len(pattern) > MAX_LENGTH:
        raise GlobError(f"glob is longer than {MAX_LENGTH} characters")
    found = []
    for alternative in _alternatives(pattern):
        found.append(alternative)
        if len(found) > MAX_ALTERNATIVES:
            raise GlobError(f'glob "{pattern}" has more than {MAX_ALTERNATIVES} alternatives')
    return tuple(found)


@lru_cache(maxsize=_CACHED)
def _compiled(pattern: str, separator: str) -> tuple[re.Pattern[str], ...]:
    return tuple(_expression(alternative, separator) for alternative in expanded(pattern))


def _alternatives(pattern: str) -> Iterator[str]:
    """The brace-free patterns a pattern stands for."""
    start = _find(pattern, "{", 0)
    if start < 0:
        yield pattern
        return
    parts, end = _options(pattern, start)
    for part in parts:
        yield from _alternatives(pattern[:start] + part + pattern[end:])


def _options(pattern: str, start: int) -> tuple[list[str], int]:
    """What stands between the braces that open at ``start``, and where they end."""
    depth, parts, begin, at = 0, [], start + 1, start
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            at += 2
            continue
        if char == "{":
            depth += 1
        elif char == "," and depth == 1:
            parts.append(pattern[begin:at])
            begin = at + 1
        elif char == "}":
            depth -= 1
            if depth == 0:
                return [*parts, pattern[begin:at]], at + 1
        at += 1
    raise GlobError(f'glob "{pattern}" has a brace that is never closed')


def _find(pattern: str, char: str, at: int) -> int:
    while at < len(pattern):
        if pattern[at] == "\\":
            at += 2
            continue
        if pattern[at] == char:
            return at
        at += 1
    return -1


def _expression(pattern: str, separator: str) -> re.Pattern[str]:
    """A regular expression that never goes back over a ``*``: each takes the nearest place that fits.

    The last star must reach to the end, so only it (and ``**``) may try several places.
    """
    stars, chunks = _chunks(pattern, separator)
    if sum(star == "**" for star in stars) > MAX_DEEP_STARS:
        raise GlobError(f'glob "{pattern}" has more than {MAX_DEEP_STARS} "**"')
    one = f"[^{re.escape(separator)}]" if separator else "."
    parts = [chunks[0]]
    for at, star in enumerate(stars):
        is_last = at == len(stars) - 1
        span = ".*" if star == "**" else f"{one}*"
        if is_last or star == "**":
            parts.append(span + chunks[at + 1])
        else:
            parts.append(f"(?>{span}?{chunks[at + 1]})")
    return re.compile("".join(parts), re.DOTALL)


def _chunks(pattern: str, separator: str) -> tuple[list[str], list[str]]:
    """The stars of a pattern and the expressions before, between and after them."""
    stars: list[str] = []
    chunks = [""]
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "*":
            end = at
            while end < len(pattern) and pattern[end] == "*":
                end += 1
            stars.append("**" if end - at > 1 and separator else "*")
            chunks.append("")
            at = end
        else:
            text, at = _single(pattern, at, separator)
            chunks[-1] += text
    return stars, chunks


def _single(pattern: str, at: int, separator: str) -> tuple[str, int]:
    """The expression of one character of a pattern, and where the next begins."""
    char = pattern[at]
    if char == "\\":
        if at + 1 == len(pattern):
            raise GlobError(f'glob "{pattern}" ends in a backslash')
        return re.escape(pattern[at + 1]), at + 2
    if char == "?":
        return (f"[^{re.escape(separator)}]" if separator else "."), at + 1
    if char == "[":
        return _character_class(pattern, at, separator)
    return re.escape(char), at + 1


def _character_class(pattern: str, at: int, separator: str) -> tuple[str, int]:
    end = pattern.find("]", at + 2)
    if end < 0:
        raise GlobError(f'glob "{pattern}" has a bracket that is never closed')
    body = pattern[at + 1 : end]
    negated = body[0] in "!^"
    members = re.sub(r"([\\\[\]^&~|])", r"\\\1", body[1:] if negated else body)
    if not members:
        raise GlobError(f'glob "{pattern}" has empty brackets')
    text = f"[{'^' if negated else ''}{members}{re.escape(separator) if negated else ''}]"
    try:
        re.compile(text)
    except re.error as error:
        raise GlobError(f'glob "{pattern}": {error}') from error
    return text, end + 1
