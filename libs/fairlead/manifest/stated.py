"""What a manifest may say of itself: what the API server alone decides of ``metadata`` is left out.

Manifests are often made with ``kubectl get -o yaml``. What the server wrote into them belongs to that one
object, and an apply that repeats it is refused (``managedFields must be nil``, a uid that is another one).

Invariant: nothing that a person decides is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

SERVER_METADATA: Final = frozenset(
    {"managedFields", "resourceVersion", "generation", "uid", "selfLink", "creationTimestamp"}
    | {"deletionTimestamp", "deletionGracePeriodSeconds"}
)
"""Fields of metadata that the API server alone decides."""


def as_stated(obj: Mapping[str, Any]) -> dict[str, Any]:
    """A copy without what the API server wrote into it."""
    metadata = obj.get("metadata")
    if not isinstance(metadata, Mapping) or SERVER_METADATA.isdisjoint(metadata):
        return dict(obj)
    return {
        **obj,
        "metadata": {name: value for name, value in metadata.items() if name not in SERVER_METADATA},
    }
