"""Which paths a pattern means, as Go's `filepath.Match` reads it and, with `**`, those who search folders.

Invariant: a pattern that cannot be read is an error and matches nothing.
"""

import re
from functools import lru_cache

MAX_PATTERN = 1024
"""Characters."""


class PatternError(ValueError):
    """A pattern cannot be read."""


def is_like(pattern: str, path: str) -> bool:
    """Whether a path is what a pattern describes: `*` and `?` stop at a slash. Raises PatternError."""
    return _compiled(pattern, False).fullmatch(path) is not None


def is_deep_like(pattern: str, path: str) -> bool:
    """The same, where `**` stands for any folders, or none, and `{a,b}` for either. Raises PatternError."""
    return _compiled(pattern, True).fullmatch(path) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str, is_deep: bool) -> re.Pattern[str]:
    if len(pattern) > MAX_PATTERN:
        raise PatternError("syntax error in pattern")
    parts, at, depth = [], 0, 0
    while at < len(pattern):
        char = pattern[at]
        if is_deep and pattern.startswith("**/", at):
            parts.append("(?:.*/)?")
            at += 3
        elif is_deep and pattern.startswith("**", at):
            parts.append(".*")
            at += 2
        elif (is_deep and char in "{}") or (depth and char == ","):
            depth += {"{": 1, "}": -1}.get(char, 0)
            parts.append({"{": "(?:", "}": ")", ",": "|"}[char])
            at += 1
        else:
            text, at = _single(pattern, at)
            parts.append(text)
    try:
        return re.compile("".join(parts), re.DOTALL)
    except re.error as error:
        raise PatternError("syntax error in pattern") from error


def _single(pattern: str, at: int) -> tuple[str, int]:
    """The expression of one character of a pattern, and where the next begins."""
    char = pattern[at]
    if char == "*":
        return "[^/]*", at + 1
    if char == "?":
        return "[^/]", at + 1
    if char == "\\":
        if at + 1 == len(pattern):
            raise PatternError("syntax error in pattern")
        return re.escape(pattern[at + 1]), at + 2
    if char == "[":
        return _members(pattern, at)
    return re.escape(char), at + 1


def _members(pattern: str, at: int) -> tuple[str, int]:
    end = pattern.find("]", at + 2)
    if end < 0:
        raise PatternError("syntax error in pattern")
    body = pattern[at + 1 : end]
    is_negated = body.startswith("^")
    inside = re.sub(r"([\\\[\]^&~|])", r"\\\1", body[1:] if is_negated else body)
    return (f"[^{inside}/]" if is_negated else f"(?!/)[{inside}]"), end + 1
