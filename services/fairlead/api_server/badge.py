"""The badge: health and sync status as a picture, for pages that show how an application does (contract 14).

Invariant: every text of the picture is ours or escaped, and it loads nothing and runs nothing.
"""

from collections.abc import Iterable
from html import escape

import msgspec

from fairlead.api_server.documents import ApplicationDocument

UNKNOWN = "Unknown"
NOT_FOUND = "Not Found"
PLAIN_WIDTH, REVISION_WIDTH, FULL_WIDTH = 131, 192, 400
"""Pixels without a revision, with a short one, and with a whole one."""
NAME_HEIGHT, HEIGHT = 20, 20
SHORT = 7
"""Characters of a revision that are enough for people."""
MAX_WIDTH = 2000
_OTHER = (41, 52, 61)
_COLOURS = {
    "Healthy": (11, 97, 42),
    "Synced": (11, 97, 42),
    "Progressing": (16, 61, 102),
    "Missing": (115, 31, 77),
    UNKNOWN: (115, 31, 77),
    "OutOfSync": (189, 115, 0),
    "Degraded": (167, 46, 38),
}
_CHARACTER = 7
"""Pixels of one on average, for the rectangle around a name."""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What a badge shows."""

    health: str = UNKNOWN
    sync: str = UNKNOWN
    revision: str = ""
    name: str = ""


def of_application(document: ApplicationDocument) -> State:
    """One application."""
    return State(
        health=document.health or UNKNOWN,
        sync=document.sync_status or UNKNOWN,
        revision=document.revisions[0] if document.revisions else "",
        name=document.name,
    )


def of_applications(documents: Iterable[ApplicationDocument]) -> State:
    """Several: as good as the worst of them."""
    found = list(documents)
    if not found:
        return State(health=NOT_FOUND, sync="")
    is_synced = all(one.sync_status == "Synced" for one in found)
    is_healthy = all(one.health == "Healthy" for one in found)
    return State(health="Healthy" if is_healthy else "Degraded", sync="Synced" if is_synced else "OutOfSync")


def picture(state: State, *, revision: str = "", name: str = "", width: int = 0) -> str:
    """The SVG. `revision` and `name` are shown when they are given; `width` 0 is the usual one."""
    usual = PLAIN_WIDTH if not revision else REVISION_WIDTH if len(revision) <= SHORT else FULL_WIDTH
    whole = max(usual, len(name) * _CHARACTER + 12 if name else 0)
    shown = width or whole
    half = 65
    right = PLAIN_WIDTH - half
    parts = [
        _box(0, 0, half, _colour(state.health), state.health),
        _box(half, 0, right, _colour(state.sync or UNKNOWN), state.sync),
    ]
    if revision:
        parts.append(
            _box(PLAIN_WIDTH, 0, usual - PLAIN_WIDTH, _colour(state.sync or UNKNOWN), f"({revision})")
        )
    top = 0
    if name:
        top = NAME_HEIGHT
        parts = [f'<g transform="translate(0 {top})">', *parts, "</g>", _box(0, 0, whole, _OTHER, name)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{shown}" height="{HEIGHT + top}" '
        f'viewBox="0 0 {whole} {HEIGHT + top}" preserveAspectRatio="xMinYMid meet">'
        f'<g font-family="sans-serif" font-size="11" fill="#fff" text-anchor="middle">{"".join(parts)}</g>'
        "</svg>"
    )


def _box(x: int, y: int, width: int, colour: tuple[int, int, int], text: str) -> str:
    red, green, blue = colour
    return (
        f'<rect x="{x}" y="{y}" width="{width}" height="{HEIGHT}" fill="rgb({red}, {green}, {blue})"/>'
        f'<text x="{x + width // 2}" y="{y + 14}">{escape(text)}</text>'
    )


def _colour(status: str) -> tuple[int, int, int]:
    return _COLOURS.get(status, _OTHER)
