"""Finding the charts of an index without reading it: tens of megabytes of YAML, of which one chart is wanted.

Helm writes an index with one key per chart, alone on its line, all at one depth below `entries`. Where those
lines are is found by looking at the starts of lines alone; what is between two of them is one chart's, and is
read as YAML when that chart is asked for. Invariant: an index in another form is not guessed at.
"""

import re
import time
from collections.abc import Iterator

from fairlead.charts.errors import ChartContentError

PIECE = 1 << 20
"""Bytes that are looked through before other threads have their turn: some two milliseconds."""
MAX_CHARTS = 100_000
Span = tuple[int, int]
"""Where a chart's versions are: from the byte after its key to the start of the next one."""

_ENTRIES = re.compile(rb"^entries:[ \t]*(\{\}[ \t]*)?(?:#[^\n]*)?\r?$", re.M)
_KEY = re.compile(rb"([^\s\[{&*!|>%@`][^\n]*?):[ \t]*(?:\[\][ \t]*)?(?:[ \t]#[^\n]*)?\r?")
"""A chart's name and nothing after it, but that it has no versions."""
_CONTENT = re.compile(rb"\n( *)[^\s#]")
_LEFT = re.compile(rb"\n[^\s#]")
"""Each begins with the end of the line before, which is what makes looking quick."""


def spans(index: bytes) -> dict[str, Span] | None:
    """The place of each chart by its name; None when the index is not in Helm's form. Blocks.

    Raises ChartContentError for more than MAX_CHARTS.
    """
    entries = _ENTRIES.search(index)
    if entries is None:
        return None
    end = next((found.start() for found in _found(_LEFT, index, entries.end(), len(index))), len(index))
    first = _CONTENT.search(index, entries.end(), end) if entries[1] is None else None
    if first is None:
        return {}
    found: dict[str, Span] = {}
    name, start = "", 0
    for line in _found(re.compile(rb"\n {%d}[^\s#\-]" % len(first[1])), index, first.start(), end):
        key = _KEY.fullmatch(index, line.end() - 1, _line_end(index, line.end() - 1, end))
        if key is None:
            return None
        if start:
            found[name] = (start, line.start() + 1)
        name, start = _name(key[1]), key.end()
        if len(found) > MAX_CHARTS:
            raise ChartContentError(f"the index has more than {MAX_CHARTS} charts")
    if not start:
        return None
    found[name] = (start, end)
    return found


def _found(pattern: re.Pattern[bytes], index: bytes, start: int, end: int) -> Iterator[re.Match[bytes]]:
    """What is found from one end of a line to another, which is where a pattern begins."""
    while start < end:
        piece_end = _line_end(index, min(start + PIECE, end), end)
        yield from pattern.finditer(index, start, piece_end)
        start = piece_end
        time.sleep(0)


def _line_end(index: bytes, start: int, end: int) -> int:
    at = index.find(b"\n", start, end)
    return at if at >= 0 else end


def _name(key: bytes) -> str:
    text = key.decode(errors="replace").strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text
