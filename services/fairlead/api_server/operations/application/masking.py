"""Secrets as people may see them.

The invariant: neither a value nor its length is shown; every value of a Secret becomes the same run of `+`.
"""

from typing import Any

from fairlead.api_server.documents import LAST_APPLIED

MASK = "++++++++"


def masked(obj: dict[str, Any]) -> dict[str, Any]:
    """The object, its values masked when it is a Secret. The argument is left as it is."""
    if obj.get("kind") != "Secret" or "/" in str(obj.get("apiVersion", "")):
        return obj
    shown = dict(obj)
    for field in ("data", "stringData"):
        values = obj.get(field)
        if values:
            shown[field] = dict.fromkeys(values, MASK) if isinstance(values, dict) else MASK
    metadata = obj.get("metadata")
    if isinstance(metadata, dict) and LAST_APPLIED in (metadata.get("annotations") or {}):
        annotations = {key: text for key, text in metadata["annotations"].items() if key != LAST_APPLIED}
        shown["metadata"] = {**metadata, "annotations": annotations}
    return shown
