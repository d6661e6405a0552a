"""A set's `templatePatch`: YAML laid over each Application as a strategic merge patch.

Of an Application only its metadata has lists that are merged, finalizers by their text; all others are
replaced as a whole. Invariant: project and namespace are those of the template, whatever a patch says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from fairlead.manifest import plain_yaml

_DIRECTIVE = "$patch"
_ORDER = "$setElementOrder/"
_DROPPED = "$deleteFromPrimitiveList/"
_KEPT = "$retainKeys"
_MERGED = ("metadata", "finalizers")


class PatchError(ValueError):
    """A patch that is none."""


def patched(application: Mapping[str, Any], text: str) -> dict[str, Any]:
    """The Application with the patch laid over it. Raises PatchError."""
    patch = _read(text)
    if patch is None:
        return dict(application)
    merged = _merged(application, patch, ())
    return _restored(merged, application)


def _read(text: str) -> Mapping[str, Any] | None:
    try:
        patch = plain_yaml.document(text)
    except (yaml.YAMLError, ValueError) as error:
        raise PatchError(f"invalid templatePatch: it is no YAML: {error}") from error
    if patch is None:
        return None
    if not isinstance(patch, dict):
        raise PatchError("invalid templatePatch: it is no map")
    return patch


def _merged(value: Mapping[str, Any], patch: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    directive = patch.get(_DIRECTIVE)
    if directive == "replace":
        return {key: item for key, item in patch.items() if key != _DIRECTIVE}
    if directive == "delete":
        return {}
    if directive not in (None, "merge"):
        raise PatchError(f"invalid templatePatch: {'.'.join((*path, _DIRECTIVE))} is {directive!r}")
    merged = dict(value)
    if isinstance(kept := patch.get(_KEPT), list):
        merged = {key: item for key, item in merged.items() if key in kept}
    for key, item in patch.items():
        if key.startswith(_DROPPED):
            _drop(merged, key.removeprefix(_DROPPED), item)
        elif key not in (_DIRECTIVE, _KEPT) and not key.startswith(_ORDER):
            _lay(merged, key, item, path)
    return merged


def _lay(merged: dict[str, Any], key: str, item: Any, path: tuple[str, ...]) -> None:
    under, here = merged.get(key), (*path, key)
    if item is None:
        merged.pop(key, None)
    elif isinstance(item, dict):
        laid = _merged(under if isinstance(under, dict) else {}, item, here)
        if item.get(_DIRECTIVE) == "delete":
            merged.pop(key, None)
        else:
            merged[key] = laid
    elif isinstance(item, list) and here == _MERGED:
        merged[key] = list(dict.fromkeys((*(under or ()), *item)))
    else:
        merged[key] = item


def _drop(merged: dict[str, Any], key: str, items: Any) -> None:
    if isinstance(merged.get(key), list) and isinstance(items, list):
        merged[key] = [item for item in merged[key] if item not in items]


def _restored(merged: dict[str, Any], application: Mapping[str, Any]) -> dict[str, Any]:
    """With the project and namespace that it had."""
    for part, key in (("spec", "project"), ("metadata", "namespace")):
        held = merged.get(part)
        if held is not None and not isinstance(held, dict):
            raise PatchError(f"invalid templatePatch: {part} is no map")
        fields = dict(held or {})
        before = application.get(part) or {}
        if key in before:
            fields[key] = before[key]
        else:
            fields.pop(key, None)
        merged[part] = fields
    return merged
