"""A metric with a line, or a few, for each of many owners: applications, clusters.

Invariant: an owner's lines are written once after each change of theirs, by the scrape that next asks.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping

MOST_LINES = 256
"""Label sets of one owner; further ones are not counted, so that no owner fills the memory."""

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


class Family:
    """Counters or gauges by owner. `kind` is Prometheus' word; all labels are given as `labelled` text."""

    def __init__(self, name: str, kind: str, about: str) -> None:
        self._name = name
        self._header = header(name, kind, about)
        self._values: dict[Hashable, dict[str, float]] = {}
        self._pieces: dict[Hashable, bytes] = {}

    def add(self, owner: Hashable, labels: str, amount: float = 1.0) -> None:
        """Count."""
        values = self._values.setdefault(owner, {})
        known = values.get(labels)
        if known is None and len(values) >= MOST_LINES:
            return
        values[labels] = (known or 0.0) + amount
        self._pieces.pop(owner, None)

    def forget(self, owner: Hashable) -> None:
        """The owner is gone, and so is what was counted for it."""
        self._values.pop(owner, None)
        self._pieces.pop(owner, None)

    def clear(self) -> None:
        """Begin anew."""
        self._values.clear()
        self._pieces.clear()

    def written(self) -> Iterator[bytes]:
        """The header, then each owner's lines; what changes meanwhile is in it or in the next."""
        yield self._header
        for owner in list(self._values):
            piece = self._pieces.get(owner)
            if piece is None:
                values = self._values.get(owner)
                if values is None:
                    continue
                piece = self._pieces[owner] = lines(self._name, values)
            yield piece


def header(name: str, kind: str, about: str) -> bytes:
    """The two lines before a family's."""
    text = about.replace("\\", r"\\").replace("\n", r"\n")
    return f"# HELP {name} {text}\n# TYPE {name} {kind}\n".encode()


def lines(name: str, values: Mapping[str, float]) -> bytes:
    """A line for each label text."""
    return "".join(f"{name}{labels} {number(value)}\n" for labels, value in values.items()).encode()


def labelled(**labels: str) -> str:
    """`{a="…",b="…"}`."""
    return "{" + ",".join([f'{name}="{escaped(value)}"' for name, value in labels.items()]) + "}"


def escaped(value: str) -> str:
    """A label's value between its quotes."""
    return value.translate(_ESCAPES) if '"' in value or "\\" in value or "\n" in value else value


def number(value: float) -> str:
    """A value as Prometheus reads it."""
    return str(int(value)) if value == int(value) else repr(value)
