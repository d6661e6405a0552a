"""`resource.customizations` of argocd-cm as clients are shown it: one override for each kind.

Invariant: keys are `group/Kind`, `*/*` for all; what cannot be read is left out and complained about.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fairlead.settings.reading import Reader, texts

KEY = "resource.customizations"
EVERYTHING = "*/*"
DEFINITIONS = "apiextensions.k8s.io/CustomResourceDefinition"
STATUS = "/status"
MAX_KINDS = 1000
_FIELDS = {
    "health": "health.lua",
    "useOpenLibs": "health.lua.useOpenLibs",
    "actions": "actions",
    "ignoreDifferences": "ignoreDifferences",
    "ignoreResourceUpdates": "ignoreResourceUpdates",
    "knownTypeFields": "knownTypeFields",
}
"""The word in a split key, and the field's name in the combined map and in answers."""


def overrides(read: Reader) -> dict[str, dict[str, Any]]:
    """Overrides by kind, in the JSON of contract 14."""
    found: dict[str, dict[str, Any]] = {}
    for kind, field, value in _all(read):
        shown = _shown(read, field, value)
        if shown and len(found) < MAX_KINDS:
            found.setdefault(kind, {})[field] = shown
    kind = _without_status(read)
    if kind:
        ignored = found.setdefault(kind, {}).setdefault("ignoreDifferences", {})
        ignored["jsonPointers"] = [*ignored.get("jsonPointers", ()), STATUS]
    return found


def _without_status(read: Reader) -> str:
    """The kinds whose status no comparison looks at, for clients that compare by themselves."""
    options = read.document("resource.compareoptions")
    wanted = options.get("ignoreResourceStatusField") if isinstance(options, dict) else None
    if wanted in ("off", "false", "none", False):
        return ""
    return DEFINITIONS if wanted == "crd" else EVERYTHING


def _all(read: Reader) -> Iterator[tuple[str, str, Any]]:
    combined = read.document(KEY)
    for name, entry in (combined if isinstance(combined, dict) else {}).items():
        for field in _FIELDS.values() if isinstance(entry, dict) else ():
            if field in entry:
                yield str(name), field, entry[field]
    for key in read.keys():  # noqa: SIM118 - not a dict
        word, _, name = key.removeprefix(f"{KEY}.").partition(".")
        if key.startswith(f"{KEY}.") and word in _FIELDS and name:
            group, _, kind = name.rpartition("_")
            place = EVERYTHING if name == "all" else f"{group}/{kind}" if group else kind
            yield place, _FIELDS[word], read.text(key)


def _shown(read: Reader, field: str, value: Any) -> Any:
    if field in ("health.lua", "actions"):
        return value if isinstance(value, str) else ""
    if field == "health.lua.useOpenLibs":
        return value is True or value == "true"
    parsed = _parsed(read, value)
    if field == "knownTypeFields":
        items = parsed if isinstance(parsed, list) else []
        return [
            {"field": str(item.get("field") or ""), "type": str(item.get("type") or "")}
            for item in items
            if isinstance(item, dict)
        ]
    if not isinstance(parsed, dict):
        return {}
    names = ("jsonPointers", "jqPathExpressions", "managedFieldsManagers")
    return {name: list(texts(parsed[name])) for name in names if texts(parsed.get(name))}


def _parsed(read: Reader, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    inner = Reader(KEY, {"value": value})
    found = inner.document("value")
    for _ in inner.problems:
        read.complain(KEY, "a field is not YAML")
    return found
