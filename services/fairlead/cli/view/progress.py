"""Progress of a wait: lines when piped, a table that renews itself on a terminal."""

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fairlead.cli.terminal import neutral, raw_stdout
from fairlead.cli.view.states import Key, ObjectState, progress_lines
from fairlead.model.application import Application

if TYPE_CHECKING:
    from rich.live import Live

_COLOURS = {
    "Synced": "green",
    "Healthy": "green",
    "Succeeded": "green",
    "OutOfSync": "yellow",
    "Missing": "yellow",
    "Progressing": "cyan",
    "Running": "cyan",
    "Degraded": "red",
    "Failed": "red",
    "SyncFailed": "red",
}


class Lines:
    """One line for each object that changed, a header before the first."""

    def __init__(self) -> None:
        self._is_titled = False

    def changed(self, _: Application, rows: list[ObjectState]) -> None:
        """Print the lines."""
        text = progress_lines(rows, datetime.now().astimezone(), titled=not self._is_titled)
        self._is_titled = True
        print(text, end="", flush=True)

    def end(self) -> None:
        """Nothing is left to do."""


class LiveTable:
    """The objects as they are now; it is taken away at the end."""

    def __init__(self) -> None:
        self._rows: dict[Key, ObjectState] = {}
        self._live: Live | None = None

    def changed(self, app: Application, rows: list[ObjectState]) -> None:
        """Renew the table."""
        self._rows |= {row.key: row for row in rows}
        if self._live is None:
            from rich.console import Console
            from rich.live import Live

            self._live = Live(console=Console(file=raw_stdout()), transient=True)
            self._live.start()
        self._live.update(_table(app, list(self._rows.values())), refresh=True)

    def end(self) -> None:
        """Take the table away."""
        if self._live is not None:
            self._live.stop()
            self._live = None


class Silence:
    """Nothing, for documents."""

    def changed(self, _: Application, __: list[ObjectState]) -> None:
        """Say nothing."""

    def end(self) -> None:
        """Nothing is left to do."""


def reporter(form: str) -> Lines | LiveTable | Silence:
    """What suits the form of the output and who reads it."""
    if form in ("json", "yaml"):
        return Silence()
    return LiveTable() if sys.stdout.isatty() else Lines()


def _table(app: Application, rows: list[ObjectState]) -> Any:
    from rich.table import Table
    from rich.text import Text

    state = app.status.operation_state
    phase = f"{state.phase.value} {state.message}".strip() if state is not None else ""
    title = f"{app.id.qualified}  {app.status.sync.status.value}  {app.status.health.status.value}  {phase}"
    table = Table(title=Text(_clean(title)), title_justify="left", box=None, pad_edge=False)
    for name in ("OBJECT", "NAMESPACE", "STATUS", "HEALTH", "HOOK", "MESSAGE"):
        table.add_column(name, no_wrap=name != "MESSAGE")
    for row in rows:
        words = (f"{row.kind}/{row.name}", row.namespace, row.status, row.health, row.hook, row.message)
        table.add_row(*(Text(_clean(word), style=_COLOURS.get(word, "")) for word in words))
    return table


def _clean(text: str) -> str:
    return neutral(text, for_person=True)
