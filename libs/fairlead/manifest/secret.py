"""One spelling for Secrets: ``stringData`` is a way of writing ``data``.

Applied as it is, ``stringData`` leaves ownership of a field that is never live, so a later change of ``data``
by somebody else would not show in ``managedFields``.

Invariant: what is applied and compared has no ``stringData``, unless it is one the API server will refuse.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from fairlead.manifest.fields import mapping_at
from fairlead.manifest.identity import GroupKind

SECRET = GroupKind("", "Secret")


def with_encoded_data(obj: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a Secret whose ``stringData`` has become ``data``, over which it wins."""
    texts = obj.get("stringData") or {}
    if not isinstance(texts, Mapping) or not all(isinstance(text, str) for text in texts.values()):
        return dict(obj)
    result = {name: value for name, value in obj.items() if name != "stringData"}
    if texts:
        encoded = {name: base64.b64encode(text.encode()).decode() for name, text in texts.items()}
        result["data"] = {**mapping_at(obj, "data"), **encoded}
    return result
