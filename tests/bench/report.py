"""The figures as a table and as JSON, each beside the bar it is measured against."""

import datetime
import os
import platform
import statistics
from collections.abc import Sequence
from pathlib import Path

import msgspec

DISTURBED = 0.1
"""Share of the machine's cores taken by other work from which a figure is marked."""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table. `bar` None: told for information; the most the value may be, or with `is_floor`
    the least. `disturbance` is a share of the cores."""

    name: str
    value: float
    unit: str
    bar: float | None = None
    note: str = ""
    disturbance: float = 0.0
    is_floor: bool = False

    @property
    def verdict(self) -> str:
        """Whether the bar was reached."""
        if self.bar is None:
            return ""
        is_reached = self.value >= self.bar if self.is_floor else self.value <= self.bar
        return "ok" if is_reached else "missed"


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What one measurement gives: its figures, and what they were made of."""

    title: str
    figures: tuple[Figure, ...]
    details: dict[str, object] = {}


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All of one run."""

    began: str
    apps: int
    trials: int
    machine: dict[str, object]
    measured: list[Measured] = []


def new_report(apps: int, trials: int) -> Report:
    """A report of a run that begins now."""
    machine: dict[str, object] = {
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load_before": os.getloadavg()[0],
    }
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return Report(began=now, apps=apps, trials=trials, machine=machine)


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of all are not above; of few values, one that was measured."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(report: Report) -> str:
    """All figures, a line each."""
    rows = [("", "measured", "bar", "", "")]
    for measured in report.measured:
        rows += [(measured.title, "", "", "", ""), *(_row(figure) for figure in measured.figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = []
    for name, amount, bar, verdict, note in rows:
        cells = (
            name.ljust(widths[0]),
            amount.rjust(widths[1]),
            bar.rjust(widths[2]),
            verdict.ljust(widths[3]),
        )
        lines.append("  ".join((*cells, note)).rstrip())
    return "\n".join(lines)


def write(report: Report, file: Path) -> None:
    """The whole report as JSON."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(report)) + b"\n")


def _row(figure: Figure) -> tuple[str, str, str, str, str]:
    notes = [figure.note] if figure.note else []
    if figure.disturbance >= DISTURBED:
        notes.append(f"disturbed: others took {figure.disturbance:.0%} of the machine")
    return (
        f"  {figure.name}",
        _amount(figure.value, figure.unit),
        "" if figure.bar is None else f"{'≥' if figure.is_floor else '≤'} {_amount(figure.bar, figure.unit)}",
        figure.verdict,
        "; ".join(notes),
    )


def _amount(value: float, unit: str) -> str:
    digits = 0 if value >= 100 else 1 if value >= 20 else 2 if value >= 1 else 3
    return f"{value:.{digits}f} {unit}".rstrip()
