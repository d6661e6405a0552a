"""What windows showed last, for clients that come back within a while.

The invariant: a window goes on only for whom it was opened, with the very question, from an event that its
client says it had; whoever comes with anything else is shown the whole of it.
"""

import secrets
import time
from collections import OrderedDict, deque

import msgspec

KEPT_SECONDS = 120.0
"""For which a window whose client left is kept."""
KEPT_WINDOWS = 256
"""That are kept at most; those left longest ago go first."""
KEPT_EVENTS = 4
"""Events of a window that its client may not have had when it left."""

DIGITS = 12
"""Of an event's number."""


class Shown(msgspec.Struct, frozen=True):
    """What a client has after an event: keys in order, and a hash of each row."""

    keys: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()


class Window(msgspec.Struct):
    """One window: whose it is and what of, and what its client has after its last events. One that
    `is_taken` goes on elsewhere: its client came back before it was known to have left."""

    name: str
    owner: object
    question: object
    number: int = 0
    events: deque[tuple[int, Shown]] = msgspec.field(default_factory=lambda: deque(maxlen=KEPT_EVENTS))
    left: float = 0.0
    is_taken: bool = False

    def show(self, shown: Shown) -> str:
        """Note an event; returns its id."""
        self.number += 1
        self.events.append((self.number, shown))
        return f"{self.name}-{self.number}"

    def after(self, number: int) -> Shown | None:
        """What its client has after an event; None when that is not known."""
        return next((shown for at, shown in self.events if at == number), None)


class Windows:
    """Those that are open, and those whose clients left."""

    def __init__(self) -> None:
        self._open: dict[str, Window] = {}
        self._left: OrderedDict[str, Window] = OrderedDict()

    def opened(self, last: str, owner: object, question: object) -> tuple[Window, Shown | None]:
        """A window, and what its client has of it: nothing, unless it comes back with an event's id."""
        former, shown = self._known(last, owner, question)
        if former is None:
            window = Window(secrets.token_hex(8), owner, question)
        else:
            former.is_taken = True
            self._left.pop(former.name, None)
            window = Window(former.name, owner, question, former.number, former.events.copy())
        self._open[window.name] = window
        return window, shown

    def keep(self, window: Window) -> None:
        """Its client left."""
        if window.is_taken:
            return
        del self._open[window.name]
        window.left = time.monotonic()
        self._left[window.name] = window
        if len(self._left) > KEPT_WINDOWS:
            self._left.popitem(last=False)

    def _known(self, last: str, owner: object, question: object) -> tuple[Window | None, Shown | None]:
        name, _, number = last.rpartition("-")
        window = self._open.get(name) or self._left.get(name)
        if window is None or (window.owner, window.question) != (owner, question):
            return None, None
        shown = window.after(int(number)) if number.isdecimal() and len(number) <= DIGITS else None
        is_late = window.left and time.monotonic() - window.left > KEPT_SECONDS
        return (None, None) if shown is None or is_late else (window, shown)
