"""One spelling for Secrets: ``stringData`` is a way of writing ``data``.

Applied as it is, ``stringData`` leaves ownership of a field that is never live, so a later change of ``data``
by somebody else would not show in ``managedFields``.

Invariant: what is applied and compared has no ``stringData``, and a value that is no text is never sent: the
refusal would quote it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from fairlead.manifest.errors import SecretError
from fairlead.manifest.fields import mapping_at, text_at
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


def checked_secret(obj: Mapping[str, Any]) -> dict[str, Any]:
    """A Secret as it is applied; a key without value is left out.

    Raises :class:`SecretError`, which names the field and what stands there, for a value that is no text.
    """
    result = dict(obj)
    name = text_at(obj, "metadata", "name")
    for field in ("data", "stringData"):
        values = obj.get(field)
        if values is None:
            result.pop(field, None)
            continue
        if not isinstance(values, Mapping):
            raise SecretError(f"Secret {name}: {field} must be a map of texts, not {_type_of(values)}")
        for key, value in values.items():
            if value is not None and not isinstance(value, str):
                raise SecretError(f"Secret {name}: {field}.{key} must be a text, not {_type_of(value)}")
            if field == "data" and value and not _is_base64(value):
                raise SecretError(f"Secret {name}: {field}.{key} is not base64; stringData takes plain text")
        result[field] = {key: value for key, value in values.items() if value is not None}
    return with_encoded_data(result)


def _type_of(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    return "a map" if isinstance(value, Mapping) else "a list" if isinstance(value, list) else "a text"


def _is_base64(text: str) -> bool:
    """As the API server reads it: line ends are passed over."""
    try:
        base64.b64decode(text.replace("\n", "").replace("\r", ""), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
