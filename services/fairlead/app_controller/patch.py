"""The smallest RFC 7386 merge patch that turns one status into another.

Invariant: equal structs give no patch, and a field that only the server has is never touched.
"""

from __future__ import annotations

from typing import Any

import msgspec

from fairlead.model.status import ApplicationStatus

_FIELDS = tuple((field.name, field.encode_name) for field in msgspec.structs.fields(ApplicationStatus))


def status_patch(before: ApplicationStatus, after: ApplicationStatus) -> dict[str, Any]:
    """The patch of `status`; empty when nothing differs. Only fields that differ are converted."""
    if before == after:
        return {}
    patch: dict[str, Any] = {}
    for name, spelled in _FIELDS:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            patch[spelled] = _changed(_plain(old), _plain(new))
    return patch


def merge_patch(before: Any, after: dict[str, Any]) -> dict[str, Any]:
    """The merge patch from one JSON object to another; lists are replaced whole."""
    old = before if isinstance(before, dict) else {}
    patch: dict[str, Any] = {name: None for name in old if name not in after}
    for name, value in after.items():
        if name not in old:
            patch[name] = value
        elif old[name] != value:
            patch[name] = _changed(old[name], value)
    return patch


def _changed(old: Any, new: Any) -> Any:
    if _is_nothing(new):
        return None
    return merge_patch(old, new) if isinstance(new, dict) and isinstance(old, dict) else new


def _is_nothing(value: Any) -> bool:
    return value is None or value in ("", (), [], {})


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value)
