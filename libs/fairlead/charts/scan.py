"""Finding the charts of an index without reading it: tens of megabytes of YAML, of which one chart is wanted.

Helm writes an index with one key per chart, alone on its line, all at one depth below `entries`. Where those
lines are is found by looking at the starts of lines alone; what is between two of them is one chart's, and is
read as YAML when that chart is asked for. Invariant: an index in another form is not guessed at.
"""

import re
import time

from fairlead.charts.errors import ChartContentError

PIECE = 256 << 10
"""Bytes that are looked through before other threads have their turn."""
MAX_CHARTS = 100_000
Span = tuple[int, int]
"""Where a chart's versions are: from the byte after its key to the start of the next one."""

_ENTRIES = re.compile(rb"^entries:[ \t]*(\{\}[ \t]*)?(?:#[^\n]*)?\r?$", re.M)
_KEY = re.compile(rb"([^\s\[{&*!|>%@`][^\n]*?):[ \t]*(?:\[\][ \t]*)?(?:[ \t]#[^\n]*)?\r?")
"""A chart's name and nothing after it, but that it has no versions."""
_CONTENT = re.compile(rb"^( *)[^\s#]", re.M)
_LEFT = re.compile(rb"^[^\s#]", re.M)


def spans(index: bytes) -> dict[str, Span] | None:
    """The place of each chart by its name; None when the index is not in Helm's form. Blocks.

    Raises ChartContentError for more than MAX_CHARTS.
    """
    entries = _ENTRIES.search(index)
    if entries is None:
        return None
    end = _end(index, entries.end())
    first = _CONTENT.search(index, entries.end() + 1, end) if entries[1] is None else None
    if first is None:
        return {}
    line = re.compile(rb"^ {%d}([^\s#\-][^\n]*)$" % len(first[1]), re.M)
    found: dict[str, Span] = {}
    name, start = "", 0
    for at, piece_end in _pieces(index, first.start(), end):
        for match in line.finditer(index, at, piece_end):
            key = _KEY.fullmatch(match[1])
            if key is None:
                return None
            if start:
                found[name] = (start, match.start())
            name, start = _name(key[1]), match.end()
            if len(found) > MAX_CHARTS:
                raise ChartContentError(f"the index has more than {MAX_CHARTS} charts")
        time.sleep(0)
    if not start:
        return None
    found[name] = (start, end)
    return found


def _end(index: bytes, start: int) -> int:
    """Where what follows the charts begins."""
    for at, piece_end in _pieces(index, start + 1, len(index)):
        if found := _LEFT.search(index, at, piece_end):
            return found.start()
        time.sleep(0)
    return len(index)


def _pieces(index: bytes, start: int, end: int) -> list[Span]:
    """Spans of whole lines."""
    found = []
    while start < end:
        line_end = index.find(b"\n", min(start + PIECE, end), end)
        piece_end = line_end + 1 if line_end >= 0 else end
        found.append((start, piece_end))
        start = piece_end
    return found


def _name(key: bytes) -> str:
    text = key.decode(errors="replace").strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text
