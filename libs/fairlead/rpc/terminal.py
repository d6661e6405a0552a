"""A terminal in a container of an application: opened once, then read and written piece by piece.

The api-server has authorised the person, and does so again all the time; the controller makes sure that the
pod is part of the application, and runs the shell under its cluster's fence. Whoever reads asks for the next
piece when it has room, so a slow reader slows the shell and nothing else.
"""

from fairlead.events.envelope import Event
from fairlead.rpc.controller import ApplicationQuery

OPEN = "open-terminal"
READ = "read-terminal"
WRITE = "write-terminal"
CLOSE = "close-terminal"
WAIT_SECONDS = 10.0
"""How long a controller waits for output before it answers that there was none."""
MAX_INPUT = 64 << 10
"""Bytes of input at once."""


class OpenTerminal(ApplicationQuery, frozen=True, kw_only=True):
    """A container of the pod that is named, and the shells to be tried, in order."""

    container: str
    shells: tuple[str, ...]


class OpenedTerminal(Event, frozen=True, kw_only=True):
    """The terminal under a name of its own."""

    session: str


class ReadTerminal(Event, frozen=True, kw_only=True):
    """Ask for what came since."""

    namespace: str
    name: str
    session: str


class TerminalOutput(Event, frozen=True, kw_only=True):
    """What came, nothing when nothing did. `is_over` with the last piece; `problem` is why no shell ran, or
    how it broke off, and "" when it ended by itself."""

    data: bytes = b""
    is_over: bool = False
    problem: str = ""


class WriteTerminal(ReadTerminal, frozen=True, kw_only=True):
    """Input, and the terminal's size unless it is 0."""

    data: bytes = b""
    rows: int = 0
    columns: int = 0


class WroteTerminal(Event, frozen=True, kw_only=True):
    """The shell has it."""


class ClosedTerminal(Event, frozen=True, kw_only=True):
    """The shell was told that its input has ended, and was left."""
