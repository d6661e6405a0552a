"""The template of a generator, laid over the set's own.

Invariant: what the generator's says holds; the set's fills what it leaves open, list by list and key by key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def overlaid(own: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """A generator's template with its gaps filled from the set's."""
    joined = dict(base)
    for key, item in own.items():
        under = base.get(key)
        if isinstance(item, Mapping) and isinstance(under, Mapping):
            joined[key] = overlaid(item, under)
        elif item or key not in base:
            joined[key] = item
    return joined
