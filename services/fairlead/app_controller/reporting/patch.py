"""The smallest RFC 7386 merge patch that turns one status into another.

A merge patch cannot say null: there it means "not there". A value that holds one (a chart's default that is
taken away) stands in the patch as `Exact`, and such a patch is not sent but written into the whole object.

Invariant: equal structs give no patch, a field that only the server has is never touched, and what is stored
is what was given, nulls included.
"""

from __future__ import annotations

from typing import Any

import msgspec

from fairlead.model.status import ApplicationStatus

_FIELDS = tuple((field.name, field.encode_name) for field in msgspec.structs.fields(ApplicationStatus))


def status_patch(before: ApplicationStatus, after: ApplicationStatus) -> dict[str, Any]:
    """The patch of `status`; empty when nothing differs. Only fields that differ are converted."""
    if before is after or before == after:
        return {}
    patch: dict[str, Any] = {}
    for name, spelled in _FIELDS:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            patch[spelled] = _changed(_plain(old), _plain(new))
    return patch


class Exact(msgspec.Struct, frozen=True):
    """A value to be stored as it is, whatever was there."""

    value: Any


def merge_patch(before: Any, after: dict[str, Any]) -> dict[str, Any]:
    """The merge patch from one JSON object to another; lists are replaced whole."""
    old = before if isinstance(before, dict) else {}
    patch: dict[str, Any] = {name: None for name in old if name not in after}
    for name, value in after.items():
        if name not in old:
            patch[name] = Exact(value) if holds_null(value) else value
        elif old[name] != value:
            patch[name] = _between(old[name], value)
    return patch


def holds_null(value: Any) -> bool:
    """Whether there is a null anywhere in a JSON value."""
    return value is None or (b"null" in msgspec.json.encode(value) and _holds_null(value))


def _holds_null(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_null(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(_holds_null(item) for item in value)
    return value is None


def is_exact(patch: Any) -> bool:
    """Whether a patch says what a merge patch cannot."""
    if isinstance(patch, dict):
        return any(is_exact(item) for item in patch.values() if isinstance(item, dict | Exact))
    return isinstance(patch, Exact)


def patched(document: Any, patch: Any) -> Any:
    """The document with the patch applied, exact values included."""
    if isinstance(patch, Exact):
        return patch.value
    if not isinstance(patch, dict):
        return patch
    found = dict(document) if isinstance(document, dict) else {}
    for name, value in patch.items():
        if value is None:
            found.pop(name, None)
        else:
            found[name] = patched(found.get(name), value)
    return found


def _changed(old: Any, new: Any) -> Any:
    """The change of a field of a struct, in which what is empty is not there."""
    return None if _is_nothing(new) else _between(old, new)


def _between(old: Any, new: Any) -> Any:
    if isinstance(new, dict) and isinstance(old, dict):
        return merge_patch(old, new)
    return Exact(new) if holds_null(new) else new


def _is_nothing(value: Any) -> bool:
    return value is None or value in ("", (), [], {})


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value)
