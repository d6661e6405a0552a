"""What is known of each object of an application: its comparison, or what the last operation did to it."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from fairlead.cli.view.columns import columns
from fairlead.cli.view.selection import Selection
from fairlead.cli.view.times import stamp
from fairlead.model.application import Application
from fairlead.model.sync import ResourceResult

Key = tuple[str, str, str, str]


class ObjectState(msgspec.Struct, frozen=True, kw_only=True):
    """One row."""

    group: str
    kind: str
    namespace: str
    name: str
    status: str = ""
    health: str = ""
    hook: str = ""
    message: str = ""

    @property
    def key(self) -> Key:
        """Which object."""
        return (self.group, self.kind, self.namespace, self.name)

    def updated(self, newer: "ObjectState") -> "ObjectState":
        """With what the newer one has to say; what it leaves empty stays."""
        return msgspec.structs.replace(
            self,
            status=newer.status or self.status,
            health=newer.health or self.health,
            hook=newer.hook or self.hook,
            message=newer.message or self.message,
        )


def states(app: Application, chosen: Selection | None = None) -> list[ObjectState]:
    """First what the last operation touched, in its order, then the other objects."""
    rest: dict[Key, ObjectState] = {
        (r.group, r.kind, r.namespace, r.name): ObjectState(
            group=r.group,
            kind=r.kind,
            namespace=r.namespace,
            name=r.name,
            status=r.status.value,
            health=r.health.status.value if r.health else "",
        )
        for r in app.status.resources
    }
    known = dict(rest)
    found = []
    operation = app.status.operation_state
    if operation is not None and operation.sync_result is not None:
        for result in operation.sync_result.resources:
            found.append(_of_result(result, known))
            rest.pop((result.group, result.kind, result.namespace, result.name), None)
    found += rest.values()
    return [state for state in found if chosen is None or chosen.includes(*state.key)]


def _of_result(result: ResourceResult, known: dict[Key, ObjectState]) -> ObjectState:
    compared = known.get((result.group, result.kind, result.namespace, result.name))
    status, health = result.hook_phase.value, result.status.value
    if compared is not None and not result.hook_type:
        status, health = compared.status, compared.health
    return ObjectState(
        group=result.group,
        kind=result.kind,
        namespace=result.namespace,
        name=result.name,
        status=status,
        health=health,
        hook=result.hook_type.value,
        message=result.message,
    )


def table(rows: Iterable[ObjectState]) -> str:
    """The objects as a table."""
    header = ("GROUP", "KIND", "NAMESPACE", "NAME", "STATUS", "HEALTH", "HOOK", "MESSAGE")
    return columns([header, *(msgspec.structs.astuple(row) for row in rows)], minimum=5)


_WIDTHS = (5, 10, 10, 20, 8, 7, 10)
_TITLES = ("GROUP", "KIND", "NAMESPACE", "NAME", "STATUS", "HEALTH", "HOOK")


def progress_lines(rows: Iterable[ObjectState], now: datetime, *, titled: bool) -> str:
    """What changed just now, as the lines that `sync` and `wait` print; `titled` starts with the header."""
    lines: list[list[str]] = []
    if titled:
        lines.append(["TIMESTAMP", *_padded(_TITLES), "MESSAGE"])
    for row in rows:
        *cells, message = msgspec.structs.astuple(row)
        lines.append([stamp(now), *_padded(cells), message])
    return columns(lines, minimum=5)


def _padded(cells: Iterable[str]) -> list[str]:
    return [cell.rjust(width) for cell, width in zip(cells, _WIDTHS, strict=True)]
