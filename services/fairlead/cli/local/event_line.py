"""One public event as a line for people."""

import re

import msgspec

from fairlead.cli.view.times import parsed
from fairlead.events.public import CloudEvent
from fairlead.events.subjects import PUBLIC

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_LONGEST = 120
"""Characters of one value."""
_SPACED = re.compile(r"[\s=\"]")


def line_of(payload: bytes) -> str:
    """Time, type, subject and what the data say; something else than an event is shown as it is."""
    try:
        event = msgspec.json.decode(payload, type=CloudEvent)
        moment = parsed(event.time).astimezone().strftime("%H:%M:%S.%f")[:-3]
    except (msgspec.MsgspecError, ValueError):
        return payload.decode(errors="replace")
    kind = event.type.removeprefix(f"{PUBLIC}.")
    words = [f"{key}={shown}" for key, value in event.data.items() if (shown := _shown(value))]
    return f"{moment}  {kind:<22} {event.subject:<28} {' '.join(words)}".rstrip()


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ",".join(filter(None, (_entry(entry) for entry in value)))
    if isinstance(value, dict):
        return _entry(value)
    return _text(value)


def _entry(value: object) -> str:
    if isinstance(value, dict):
        name = f"{value.get('kind', '')}/{value.get('name', '')}"
        return name if value.get("name") else ""
    return _text(value)


def _text(value: object) -> str:
    if value is True or value is False:
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.3f}"
    words = str(value)
    if _COMMIT.fullmatch(words):
        return words[:7]
    if len(words) > _LONGEST:
        words = words[: _LONGEST - 1] + "…"
    return msgspec.json.encode(words).decode() if _SPACED.search(words) else words
