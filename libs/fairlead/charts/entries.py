"""The versions of one chart of an index, read line by line: a tenth of the time that a YAML reader takes.

Helm writes each version with its fields at one depth, one to a line. What is read here is what YAML means by
such lines; anything else, be it a quotation with escapes or a text over several lines where a field is
wanted, is left to the YAML reader. Invariant: the two never read one text as two things.
"""

import re

from fairlead.charts.documents import NULL, Fields

_FIRST = re.compile(rb"(?:\r?\n)( *)- [^\s#-]")
_PLAIN = re.compile(rb"[^\s\[\]{}&*!|>%@`#?,\"'-][^\n]*")
_WANTED = rb"version|name|digest|created|deprecated|appVersion|description|urls"


def quick(index: bytes, start: int, end: int) -> list[Fields] | None:
    """The fields of each version between two places, the first the end of a line; None to have YAML read."""
    first = _FIRST.match(index, start, end)
    if first is None:
        return None
    dash = len(first[1])
    field = dash + 2
    line = re.compile(
        rb"\n(?: {%d}(- |  )(?:(%s) *:(?=[ \r\n])[ \t]*([^\n]*)|(?=[^\s#\-\"'?<&*!{\[]))"
        rb"|( {0,%d}[^\s#]| {%d}[\"'?<&*!{\[]))" % (dash, _WANTED, field - 1, field)
    )
    deeper = b"\n" + b" " * (field + 1)
    found: list[Fields] = []
    for match in line.finditer(index, start, end):
        if match[4] is not None:
            return None
        if match[1] == b"- ":
            found.append({})
        if match[2] is None:
            continue
        value = _texts(index, match, field, end) if match[2] == b"urls" else _text(match[3])
        follows = b"" if match[2] == b"urls" else index[match.end() : match.end() + field + 2]
        if value is None or follows.startswith((deeper, b"\n\n", b"\n\r")) or not found:
            return None
        found[-1][match[2].decode()] = value
    return found


def _texts(index: bytes, match: re.Match[bytes], field: int, end: int) -> list[str] | None:
    """The list that follows a key, each text on its line."""
    if match[3].strip():
        return None
    at = match.end()
    item = re.compile(rb"\n {%d} *- ([^\n]*)" % field)
    found: list[str] = []
    depth = 0
    while (text := item.match(index, at, end)) is not None:
        value, indent = _text(text[1]), text.start(1) - text.start()
        if value is None or (depth and indent != depth):
            return None
        depth, at = indent, text.end()
        found.append(value)
    follows = index[at : min(end, at + field + 2)]
    if follows.startswith((b"\n" + b" " * (field + 1), b"\n\n", b"\n\r")):
        return None
    return found or None


def _text(raw: bytes) -> str | None:
    raw = raw.strip(b" \t\r")
    quote = raw[:1]
    if quote in {b'"', b"'"}:
        inner = raw[1:-1]
        if len(raw) < 2 or raw[-1:] != quote or quote in inner or b"\\" in inner:
            return None
        return _printable(inner)
    if not _PLAIN.fullmatch(raw) or b": " in raw or b" #" in raw or b"\t" in raw or raw[-1:] == b":":
        return None
    text = _printable(raw)
    return "" if text in NULL else text


def _printable(raw: bytes) -> str | None:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None
