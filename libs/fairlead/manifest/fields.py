"""Reading fields out of arbitrary manifests without trusting their shape.

Invariant: a field of the wrong type reads as absent; nothing here raises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

Manifest: TypeAlias = Mapping[str, Any]
"""A Kubernetes object as decoded JSON."""

_EMPTY: Mapping[str, Any] = {}


def value_at(obj: Any, *path: str) -> Any:
    """The value under a path of field names, or None when a step is missing."""
    for step in path:
        if type(obj) is not dict and not isinstance(obj, Mapping):  # the first is quicker, and mostly so
            return None
        obj = obj.get(step)
    return obj


def mapping_at(obj: Any, *path: str) -> Manifest:
    """The map under a path; empty when it is anything else."""
    value = value_at(obj, *path)
    return value if type(value) is dict or isinstance(value, Mapping) else _EMPTY


def list_at(obj: Any, *path: str) -> Sequence[Any]:
    """The list under a path; empty when it is anything else."""
    value = value_at(obj, *path)
    return value if isinstance(value, list | tuple) else ()


def maps_at(obj: Any, *path: str) -> list[Manifest]:
    """The maps among the items of the list under a path."""
    return [item for item in list_at(obj, *path) if isinstance(item, Mapping)]


def text_at(obj: Any, *path: str) -> str:
    """The string under a path; empty when it is anything else."""
    value = value_at(obj, *path)
    return value if isinstance(value, str) else ""


def integer_at(obj: Any, *path: str, default: int = 0) -> int:
    """The whole number under a path; ``default`` when it is anything else."""
    value = value_at(obj, *path)
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def flag_at(obj: Any, *path: str) -> bool:
    """Whether the value under a path is exactly true."""
    return value_at(obj, *path) is True


def annotations_of(obj: Any) -> Manifest:
    """``metadata.annotations``."""
    return mapping_at(obj, "metadata", "annotations")


def labels_of(obj: Any) -> Manifest:
    """``metadata.labels``."""
    return mapping_at(obj, "metadata", "labels")


def annotation_of(obj: Any, name: str) -> str:
    """One annotation's text; empty when absent."""
    annotations = value_at(obj, "metadata", "annotations")
    if type(annotations) is not dict and not isinstance(annotations, Mapping):
        return ""
    value = annotations.get(name)
    return value if isinstance(value, str) else ""
