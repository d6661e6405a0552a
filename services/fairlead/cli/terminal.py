"""The one way from this command to the terminal: characters that a terminal obeys are shown, not sent.

What the server, Git and the cluster say is printed by many commands, and any of it may hold escape sequences
that rewrite the screen, the title or the clipboard. The invariant: whatever is written to stdout or stderr
while a command runs passes here, and leaves as `\\u001b` what came as the character.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TextIO

from fairlead.cli.errors import OutputError

_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f]")
"""C0 and C1 without tab, line feed and next line (which YAML keeps as text)."""
_MISLEADING = re.compile("[\x85\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What shows text in another order or place than it has: only a person at a terminal is misled by it."""
_COLOUR = re.compile("\x1b\\[[0-9;]{0,32}m")
"""A colour, which changes nothing but how the text after it looks."""


def neutral(text: str, *, for_person: bool = False) -> str:
    """The text with visible escapes for what a terminal would obey; also for what misleads, `for_person`."""
    shown = _OBEYED.sub(_escape, text)
    return _MISLEADING.sub(_escape, shown) if for_person else shown


def coloured(text: str) -> str:
    """The same, but colours stay: logs have them on purpose, and they harm nobody."""
    plain = _COLOUR.split(text)
    return "".join(
        piece
        for pair in zip(map(neutral, plain), [*_COLOUR.findall(text), ""], strict=True)
        for piece in pair
    )


class NeutralStream:
    """A text stream that writes what is neutral to another one; `keeps_colours` lets colours pass."""

    def __init__(self, stream: TextIO, *, keeps_colours: bool = False) -> None:
        self.raw = stream
        self._for_person = stream.isatty()
        self._keeps_colours = keeps_colours

    def write(self, text: str) -> int:
        """Write the neutral form; returns how many characters were taken."""
        shown = coloured(text) if self._keeps_colours else neutral(text, for_person=self._for_person)
        with _output():
            self.raw.write(shown)
        return len(text)

    def flush(self) -> None:
        """Let everything be written. Raises OutputError, BrokenPipeError."""
        with _output():
            self.raw.flush()

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each line."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> object:
        """Everything else is the stream's own."""
        return getattr(self.raw, name)


@contextmanager
def _output() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"cannot write the output: {error.strerror}") from error


@contextmanager
def neutral_output() -> Iterator[None]:
    """While this is open, stdout and stderr are neutral; logs on stderr may have colours."""
    before = sys.stdout, sys.stderr
    sys.stdout = NeutralStream(sys.stdout)
    sys.stderr = NeutralStream(sys.stderr, keeps_colours=True)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def raw_stdout() -> TextIO:
    """Stdout itself, for those who draw on the terminal and make their texts neutral themselves."""
    return sys.stdout.raw if isinstance(sys.stdout, NeutralStream) else sys.stdout


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
