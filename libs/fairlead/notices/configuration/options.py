"""Secrets in the options of services: `$key` in a text stands for what the Secret has under that key.

Invariant: only options of services have them put in; what was put in is known, so that it can be masked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

_REFERENCE: Final = re.compile(r"\$([\w-]+)")


def with_secrets(
    options: Mapping[str, Any], secrets: Mapping[str, str]
) -> tuple[dict[str, Any], tuple[str, ...], tuple[str, ...]]:
    """The options with secrets put in, the values put in, and the keys that the Secret does not have."""
    used: dict[str, None] = {}
    missing: dict[str, None] = {}

    def put(match: re.Match[str]) -> str:
        value = secrets.get(match[1])
        if value is None:
            missing[match[1]] = None
            return match[0]
        used[value.strip()] = None
        return value.strip()

    def filled(value: Any) -> Any:
        if isinstance(value, str):
            return _REFERENCE.sub(put, value)
        if isinstance(value, dict):
            return {str(key): filled(item) for key, item in value.items()}
        return [filled(item) for item in value] if isinstance(value, list) else value

    made = {str(key): filled(value) for key, value in options.items()}
    return made, tuple(value for value in used if value), tuple(missing)
