"""What a manifest may say of itself: what the API server or our controller alone decides of ``metadata`` is
left out.

Manifests are often made with ``kubectl get -o yaml``. What the server wrote into them belongs to that one
object, and an apply that repeats it is refused (``managedFields must be nil``, a uid that is another one).
What the controller noted of an Application would be fought over for ever.

Invariant: nothing that a person decides is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fairlead.model.noted import NOTED

_NOTED: Final = frozenset(NOTED)
SERVER_METADATA: Final = frozenset(
    {"managedFields", "resourceVersion", "generation", "uid", "selfLink", "creationTimestamp"}
    | {"deletionTimestamp", "deletionGracePeriodSeconds"}
)
"""Fields of metadata that the API server alone decides."""


def as_stated(obj: Mapping[str, Any]) -> dict[str, Any]:
    """A copy without what the API server and the controller wrote into it."""
    metadata = obj.get("metadata")
    if not isinstance(metadata, Mapping):
        return dict(obj)
    stated = {name: value for name, value in metadata.items() if name not in SERVER_METADATA}
    annotations = metadata.get("annotations")
    if isinstance(annotations, Mapping) and not _NOTED.isdisjoint(annotations):
        stated["annotations"] = {name: value for name, value in annotations.items() if name not in _NOTED}
    return {**obj, "metadata": stated}
