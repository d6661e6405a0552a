"""Reading the few fields that are wanted out of YAML, event by event.

Nothing is constructed, so nothing is expanded: neither aliases nor merges nor tags mean anything here.
Invariant: time and memory are proportional to the text; anchors and aliases are refused, as nobody who writes
an index or a `Chart.yaml` by machine has them.
"""

from collections.abc import Iterator
from typing import Any, Final

import yaml

from fairlead.charts.errors import ChartContentError

Fields = dict[str, str | list[str]]
"""By name: a text as it is written, or a list of texts. Other values are left out."""
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
NULL = {"", "~", "null", "Null", "NULL"}


def mapping(text: bytes) -> Fields:
    """The fields of a document that is a mapping. Raises ChartContentError."""
    events = _events(text)
    if not isinstance(next(events, None), yaml.MappingStartEvent):
        raise ChartContentError("it is no YAML mapping")
    return _fields(events)


def sequence(text: bytes) -> list[Fields]:
    """The fields of each mapping in a document that is a sequence; none when it is empty."""
    events = _events(text)
    first = next(events, None)
    if first is None or (isinstance(first, yaml.ScalarEvent) and first.value in NULL):
        return []
    if not isinstance(first, yaml.SequenceStartEvent):
        raise ChartContentError("it is no YAML sequence")
    return list(_mappings(events))


def charts(text: bytes) -> dict[str, list[Fields]]:
    """The versions of each chart of a whole index. Raises ChartContentError."""
    events = _events(text)
    if not isinstance(next(events, None), yaml.MappingStartEvent):
        raise ChartContentError("it is no YAML mapping")
    for key in _keys(events):
        if key == "entries":
            return _entries(events)
        _skip(events, next(events))
    return {}


def _entries(events: Iterator[Any]) -> dict[str, list[Fields]]:
    found: dict[str, list[Fields]] = {}
    if not isinstance(next(events), yaml.MappingStartEvent):
        return found
    for key in _keys(events):
        event = next(events)
        if isinstance(event, yaml.SequenceStartEvent):
            found[key] = list(_mappings(events))
        else:
            _skip(events, event)
    return found


def _mappings(events: Iterator[Any]) -> Iterator[Fields]:
    for event in events:
        if isinstance(event, yaml.SequenceEndEvent):
            return
        if isinstance(event, yaml.MappingStartEvent):
            yield _fields(events)
        else:
            _skip(events, event)


def _fields(events: Iterator[Any]) -> Fields:
    found: Fields = {}
    for key in _keys(events):
        event = next(events)
        if isinstance(event, yaml.ScalarEvent):
            found[key] = "" if event.implicit[0] and event.value in NULL else event.value
        elif isinstance(event, yaml.SequenceStartEvent):
            found[key] = _texts(events)
        else:
            _skip(events, event)
    return found


def _texts(events: Iterator[Any]) -> list[str]:
    found = []
    for event in events:
        if isinstance(event, yaml.SequenceEndEvent):
            break
        if isinstance(event, yaml.ScalarEvent):
            found.append(event.value)
        else:
            _skip(events, event)
    return found


def _keys(events: Iterator[Any]) -> Iterator[str]:
    """Keys of the mapping that has begun; who takes one takes its value, too."""
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            return
        if not isinstance(event, yaml.ScalarEvent):
            raise ChartContentError("a key is no text")
        yield event.value


def _skip(events: Iterator[Any], event: Any) -> None:
    """Leave out a value that begins with this event."""
    depth = 0
    while True:
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth <= 0:
            return
        event = next(events)


def _events(text: bytes) -> Iterator[Any]:
    """Those of the first document's content."""
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.DocumentEndEvent):
                return
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
                raise ChartContentError("it has anchors, which are not followed here")
            if isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
                yield event
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        raise ChartContentError(f"it is no YAML: {' '.join(str(error).split())[:300]}") from error
