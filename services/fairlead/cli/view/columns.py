"""Columns as Go's text/tabwriter aligns them.

A cell is aligned with those above and below as long as their lines go on having that column; the last cell
of a line belongs to no column. Padding is blanks.
"""

from collections.abc import Iterable, Sequence

PADDING = 2


def columns(rows: Iterable[Sequence[str]], *, minimum: int = 0) -> str:
    """The rows as text, each ended by a line break. `minimum` is the least width of a column."""
    lines = [list(row) for row in rows]
    widths = [[0] * max(len(line) - 1, 0) for line in lines]
    for column in range(max(map(len, widths), default=0)):
        _align(lines, widths, column, minimum)
    return "".join(_joined(line, width) for line, width in zip(lines, widths, strict=True))


def _align(lines: list[list[str]], widths: list[list[int]], column: int, minimum: int) -> None:
    start = 0
    while start < len(lines):
        end = start
        while end < len(lines) and len(widths[end]) > column:
            end += 1
        cells = [lines[at][column] for at in range(start, end)]
        width = max([minimum, *(len(cell) + PADDING for cell in cells)])
        for at in range(start, end):
            widths[at][column] = width
        start = end + 1


def _joined(line: list[str], widths: list[int]) -> str:
    padded = [cell.ljust(width) for cell, width in zip(line, widths, strict=False)]
    return "".join([*padded, *line[len(widths) :]]) + "\n"
