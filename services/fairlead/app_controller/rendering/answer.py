"""The latest answer about an application, moved on by commits that left it as it was.

Why: a commit that thousands follow and that touches one is noted once, at its ref; an answer is moved on when
somebody reads it. Invariant: what is read was moved by every commit noted before, in their order, and by none
that was noted before the answer came.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

import msgspec

from fairlead.app_controller.rendering.render import Render
from fairlead.model.application import AppId

REMEMBERED: Final = 64
"""Moves that a ref remembers: whoever follows it has to read its answer before so many have come."""

Places = tuple[int, ...]
"""Which of an application's sources follow a ref."""
_State = tuple[tuple[str, ...], tuple[str, ...]]
"""The commits of an application's sources, and what people are told of each."""


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """A commit, and whom it touched; it speaks of the applications of `parts`, "" being all of them."""

    old: str
    new: str
    shown: str
    affected: frozenset[AppId] = frozenset()
    parts: str = ""


class Track:
    """The newest moves of one ref, numbered in the order in which they were noted."""

    def __init__(self) -> None:
        self._moves: deque[Move] = deque(maxlen=REMEMBERED)
        self.end = 0
        self._touched: dict[int, frozenset[AppId]] = {}
        self._after: dict[tuple[int, str, Places, _State], tuple[_State, int]] = {}

    def note(self, move: Move) -> None:
        """The ref moved."""
        self._moves.append(move)
        self.end += 1
        self._touched.clear()
        self._after.clear()

    def after(
        self, at: int, state: _State, *, app_id: AppId, part: str, places: Places
    ) -> tuple[_State, int]:
        """What the moves from number `at` on make of a state, and how many of them changed it.

        Thousands that none of these touched share one answer.
        """
        touched = self._touched.get(at)
        if touched is None:
            touched = frozenset().union(*(move.affected for move in self._since(at)))
            self._touched[at] = touched
        if app_id in touched:
            moves = (move for move in self._since(at) if app_id not in move.affected)
            return _after(state, moves, part, places)
        key = (at, part, places, state)
        found = self._after.get(key)
        if found is None:
            found = self._after[key] = _after(state, self._since(at), part, places)
        return found

    def _since(self, at: int) -> Iterator[Move]:
        return islice(self._moves, max(0, at - self.end + len(self._moves)), None)


class _Place:
    """How an application follows one ref, and up to which move it was read."""

    __slots__ = ("at", "part", "places", "track")

    def __init__(self, track: Track, part: str, places: Places) -> None:
        self.track, self.part, self.places = track, part, places
        self.at = track.end


class Answer:
    """The latest answer about one application. `unwritten` counts the moves since its status was written."""

    __slots__ = ("_app_id", "_followed", "_render", "unwritten")

    def __init__(self, app_id: AppId) -> None:
        self._app_id = app_id
        self._render: Render | None = None
        self._followed: tuple[_Place, ...] = ()
        self.unwritten = 0

    @property
    def render(self) -> Render | None:
        """The answer as of now."""
        for place in self._followed:
            if place.at != place.track.end:
                self._move(place)
        return self._render

    @render.setter
    def render(self, render: Render | None) -> None:
        self._render = render
        for place in self._followed:
            place.at = place.track.end

    @property
    def is_behind(self) -> bool:
        """Whether moves were noted that nobody has read yet."""
        return any(place.at != place.track.end for place in self._followed)

    def follow(self, tracks: Iterable[tuple[Track, Places]], part: str) -> None:
        """These refs move it from now on; `part` is the partition of its first source."""
        self._render = self.render
        self._followed = tuple(_Place(track, part, places) for track, places in tracks)

    def _move(self, place: _Place) -> None:
        render, at, place.at = self._render, place.at, place.track.end
        if render is None or render.failure is not None:
            return
        state = (render.commits or render.revisions, render.revisions)
        (commits, revisions), count = place.track.after(
            at, state, app_id=self._app_id, part=place.part, places=place.places
        )
        if count:
            self.unwritten += count
            self._render = msgspec.structs.replace(render, commits=commits, revisions=revisions)


def _after(state: _State, moves: Iterable[Move], part: str, places: Places) -> tuple[_State, int]:
    commits, revisions, count = list(state[0]), list(state[1]), 0
    for move in moves:
        if move.parts and part not in move.parts:
            continue
        moved = [at for at in places if at < len(commits) and commits[at] == move.old != move.new]
        for at in moved:
            commits[at], revisions[at] = move.new, move.shown or move.new
        count += bool(moved)
    return (tuple(commits), tuple(revisions)), count
