"""Messages with every field set, grown from the table of facts: nobody has to think of a field to try it.

The invariant: a message grown twice is the same.
"""

from collections.abc import Iterator
from typing import Any

from tests import wire_messages as google
from tests.wire_json import NUMBER_OR_TEXT, SCALARS, TIMES, is_special

MAX_DEPTH = 7
"""Messages inside messages; some hold their own kind."""
MOMENT = 1_795_397_547
MEANT: dict[str, str] = {
    "repoURL": "https://git.example/grown.git",
    "server": "https://kubernetes.default.svc",
    "schedule": "0 0 1 1 *",
    "duration": "1h",
    "maxDuration": "3m",
    "timeZone": "Europe/Berlin",
    "factor": "2",
    "targetRevision": "main",
}
"""Texts that must mean something."""


def grown(name: str, depth: int = 0, field: str = "") -> Any:
    """A message of a kind with every field set."""
    if is_special(name):
        return _special(name)
    message = google.kind(name)()
    for row in google.rows(name):
        grow(message, row, depth, field)
    return message


def grow(message: Any, row: list[str], depth: int = 0, outer: str = "") -> None:
    """Set one field of a message, with all that is below it."""
    _, field, label, kind, *_ = row
    if kind in SCALARS:
        value = _scalar(kind, outer if field in ("key", "value") else field)
        if label == "repeated":
            getattr(message, field).append(value)
        else:
            setattr(message, field, value)
    elif depth < MAX_DEPTH:
        inner = grown(kind, depth + 1, field)
        if label == "repeated":
            getattr(message, field).add().CopyFrom(inner)
        else:
            getattr(message, field).CopyFrom(inner)


def each_alone(name: str) -> Iterator[tuple[str, Any]]:
    """For each field of a kind its name, and a message with nothing else set."""
    for row in google.rows(name):
        message = google.kind(name)()
        grow(message, row)
        yield row[1], message


def _special(name: str) -> Any:
    message = google.kind(name)()
    if name in TIMES:
        message.seconds = MOMENT
    elif name == NUMBER_OR_TEXT:
        message.type, message.strVal = 1, "25%"
    else:
        setattr(message, google.rows(name)[0][1], b'{"a":{"b":[1,"c",true]}}')
    return message


def _scalar(kind: str, field: str) -> Any:
    if kind == "string":
        return MEANT.get(field, f"a-{field.lower()}")
    return {"bytes": field.encode(), "bool": True}.get(kind, 3)
