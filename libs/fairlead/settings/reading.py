"""Reading single values of a ConfigMap: switches, numbers, durations, lists and YAML, with defaults.

Invariant: a bad value yields the default and one sentence in `problems`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from fairlead.manifest.yaml_document import document
from fairlead.model.duration import DurationError, parse_duration

_GO_TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_GO_FALSE = frozenset({"0", "f", "F", "false", "FALSE", "False"})


class Reader:
    """One ConfigMap's data and what was wrong with it."""

    def __init__(self, source: str, data: Mapping[str, str]) -> None:
        self._source = source
        self._data = data
        self.problems: list[str] = []

    def keys(self) -> list[str]:
        """The keys present."""
        return list(self._data)

    def text(self, key: str, default: str = "") -> str:
        """The value without surrounding space; an empty one counts as absent."""
        return (self._data.get(key) or "").strip() or default

    def switch(self, key: str, *, default: bool = False) -> bool:
        """On only for exactly `true` (contract 11)."""
        value = self.text(key)
        return value == "true" if value else default

    def flag(self, key: str, *, default: bool = False) -> bool:
        """A Go boolean: 1, t, true, …"""
        value = self.text(key)
        if value in _GO_TRUE or value in _GO_FALSE:
            return value in _GO_TRUE
        if value:
            self.complain(key, f"{value!r} is not a boolean")
        return default

    def integer(self, key: str, default: int) -> int:
        """A whole number."""
        return int(self.number(key, default))

    def number(self, key: str, default: float) -> float:
        """A number."""
        value = self.text(key)
        try:
            return float(value) if value else default
        except ValueError:
            self.complain(key, f"{value!r} is not a number")
            return default

    def duration(self, key: str, default: float) -> float:
        """Seconds of a Go duration ("1m30s"); a bare number means seconds."""
        value = self.text(key)
        if not value:
            return default
        seconds = seconds_of(value)
        if seconds is None:
            self.complain(key, f"{value!r} is not a duration such as 120s or 3m")
            return default
        return seconds

    def words(self, key: str) -> tuple[str, ...]:
        """A comma-separated list."""
        return tuple(word for part in self.text(key).split(",") if (word := part.strip()))

    def document(self, key: str) -> Any:
        """The value as YAML; None when it is absent or broken."""
        value = self.text(key)
        if not value:
            return None
        try:
            return document(value)
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            self.complain(key, f"is not YAML: {error}")
            return None

    def maps(self, key: str) -> list[dict[str, Any]]:
        """The value as a YAML list of maps; items of another type are left out."""
        found = self.document(key)
        if found is None:
            return []
        if not isinstance(found, list):
            self.complain(key, "is not a list")
            return []
        return [item for item in found if isinstance(item, dict)]

    def complain(self, key: str, problem: str) -> None:
        """Note what is wrong with a key."""
        self.problems.append(f"{self._source}: {key}: {problem}")


def seconds_of(text: str) -> float | None:
    """Seconds of a Go duration, or of a bare number; None when it is neither."""
    try:
        return parse_duration(text)
    except DurationError:
        return None


def texts(value: Any) -> tuple[str, ...]:
    """The strings of a YAML list; anything else is empty."""
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
