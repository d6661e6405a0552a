"""`app drift`: who changed what of an application outside Git, when, and what became of it."""

import msgspec

from fairlead.cli.app.flags import DOCUMENT_FORMS, NAMESPACE, PROJECT, one_app
from fairlead.cli.client import Document
from fairlead.cli.command import Command, Invocation, output, switch, text
from fairlead.cli.connection import connect
from fairlead.cli.view import document
from fairlead.cli.view.columns import columns
from fairlead.cli.view.times import parsed
from fairlead.model.drift import DriftEnd, DriftEntry

SHOWN = 40
"""Characters of a value in a table."""
HEAD = ("CHANGED", "OBJECT", "FIELD", "WAS", "BECAME", "BY", "NOW")


def run(call: Invocation) -> None:
    """Ask, and print."""
    values = call.values
    with connect(values) as client:
        found = client.applications.drift(
            one_app(call),
            project=values.text("project"),
            kind=values.text("kind"),
            name=values.text("name"),
            standing=values.switch("standing"),
        )
    if values.text("output") in DOCUMENT_FORMS:
        document.show(found, values.text("output"))
        return
    print(told(found), end="")


def told(found: Document) -> str:
    """The changes as a table, and since when they are known."""
    entries = msgspec.convert(found.get("items") or [], tuple[DriftEntry, ...])
    since = f"since {_when(found['since'])}" if found.get("since") else "yet"
    lines = (
        [columns([HEAD, *map(_row, entries)])] if entries else [f"No change outside Git is known {since}.\n"]
    )
    if entries:
        standing = sum(not entry.end for entry in entries)
        lines.append(f"\n{standing} of {len(entries)} still stand; the journal is kept {since}.\n")
    if found.get("problem"):
        lines.append(f"{found['problem']}\n")
    return "".join(lines)


def _row(entry: DriftEntry) -> tuple[str, ...]:
    place = f"{entry.namespace}/{entry.name}" if entry.namespace else entry.name
    times = f" ({entry.count} times, last {_when(entry.last)})" if entry.count > 1 else ""
    was, became = (_value(entry.old), _value(entry.new)) if entry.field else ("", "deleted")
    by = entry.manager or ("nobody is named" if not entry.field else "-")
    through = f" ({entry.operation}{f', {entry.subresource}' if entry.subresource else ''})"
    now = f"{entry.end.value} {_when(entry.ended)}" if entry.end is not DriftEnd.OPEN else "stands"
    late = "by " if entry.late and not entry.field else ""
    return (
        f"{late}{_when(entry.at)}{times}",
        f"{entry.kind} {place}",
        entry.field or "(the object)",
        was,
        became,
        by + (through if entry.operation else ""),
        now,
    )


def _when(text: str) -> str:
    return parsed(text).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _value(text: str) -> str:
    if not text:
        return "-"
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


COMMAND = Command(
    usage="APPNAME",
    about="Show who changed what of an application outside Git, when, and what became of it.",
    run=run,
    flags=(
        NAMESPACE,
        PROJECT,
        text("kind", "Only objects of this kind."),
        text("name", "Only objects of this name."),
        switch("standing", "Only changes that still stand."),
        output("wide", *DOCUMENT_FORMS),
    ),
    examples=("app drift web", "app drift web --standing", "app drift web -o json"),
)
