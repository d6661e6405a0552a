"""Patterns of a policy, compiled: as globs, or as regular expressions that RE2 runs in linear time.

The invariant: no pattern can make a comparison slow, and one that cannot be read matches nothing where it
allows and everything where it denies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from fairlead.matching import globs
from fairlead.matching.errors import GlobError
from fairlead.rbac.policy import Mode

MAX_LENGTH = 1024
"""Characters of a pattern."""
TOGETHER = 128
"""Expressions that are compiled into one."""
MEMORY = 64 << 20
"""Bytes that RE2 may use for one expression; with too little it is slower, never wrong."""
_CACHED = 8192

Matches = Callable[[str], bool]
"""Whether a text is meant."""

_GLOB_CHARS = re.compile(r"[*?\[{\\]")
_REGEX_CHARS = re.compile(r"[\\^$.|?*+()\[{]")


def is_readable(pattern: str, mode: Mode) -> bool:
    """Whether a pattern can be read."""
    if mode is Mode.REGEX:
        return _regex(pattern) is not None
    try:
        globs.check(pattern)
    except GlobError:
        return False
    return True


def matches(pattern: str, text: str, mode: Mode, *, denies: bool) -> bool:
    """Whether a pattern means a text."""
    if mode is Mode.REGEX:
        found = _regex(pattern)
        return denies if found is None else found(text)
    return globs.denies(pattern, text) if denies else globs.matches(pattern, text)


def combined(patterns: Sequence[str], mode: Mode, *, denies: bool) -> Matches:
    """Whether any of several patterns means a text."""
    if mode is Mode.GLOB:
        return lambda text: any(matches(pattern, text, mode, denies=denies) for pattern in patterns)
    readable = [pattern for pattern in patterns if _regex(pattern) is not None]
    if denies and len(readable) < len(patterns):
        return lambda _: True
    parts = [readable[at : at + TOGETHER] for at in range(0, len(readable), TOGETHER)]
    found = [each for part in parts for each in _joined(part)]
    return lambda text: any(each(text) for each in found)


def literal_start(pattern: str, mode: Mode) -> str:
    """The text that everything a pattern means begins with."""
    if mode is Mode.GLOB:
        special = _GLOB_CHARS.search(pattern)
        return pattern[: special.start()] if special else pattern
    if not pattern.startswith("^") or "|" in pattern:
        return ""
    special = _REGEX_CHARS.search(pattern, 1)
    if special is None:
        return pattern[1:]
    return pattern[1 : special.start() - (special[0] in "?*+{")]


def plain(pattern: str) -> str | None:
    """The glob that an expression comes to; None when it comes to none.

    Of texts in one line only: `.` is every character but the end of a line.
    """
    if pattern in (".*", "^.*", ".*$", "^.*$"):
        return "*"
    if not pattern.startswith("^"):
        return None
    body, is_whole = pattern[1:].removesuffix("$"), pattern.endswith("$")
    start = body.removesuffix(".*")
    if _REGEX_CHARS.search(start) or _GLOB_CHARS.search(start):
        return None
    return start if is_whole and body == start else f"{start}*"


def is_literal(pattern: str) -> bool:
    """Whether a glob means exactly itself."""
    return _GLOB_CHARS.search(pattern) is None


def _joined(patterns: list[str]) -> list[Matches]:
    one = _compiled("|".join(f"(?:{pattern})" for pattern in patterns))
    return [one] if one is not None else [each for each in map(_regex, patterns) if each is not None]


@lru_cache(maxsize=_CACHED)
def _regex(pattern: str) -> Matches | None:
    return _compiled(pattern) if len(pattern) <= MAX_LENGTH else None


def _compiled(pattern: str) -> Matches | None:
    import re2  # noqa: PLC0415 - only those who chose expressions pay for it

    options = re2.Options()
    options.log_errors = False
    options.max_mem = MEMORY
    try:
        expression = re2.compile(pattern, options)
    except re2.error:
        return None
    return lambda text: expression.search(text) is not None
