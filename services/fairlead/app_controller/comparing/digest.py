"""The terms of a comparison as a digest, by which two processes know that they compare alike.

Invariant: equal digests mean equal values, whatever order sets and maps had.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import msgspec

from fairlead.app_controller.comparing.grounds import Terms

SIZE: Final = 16
MOST: Final = 4096
"""Values whose digest is kept: settings and projects, which many applications share."""

_ENCODER = msgspec.msgpack.Encoder(order="deterministic")
_known: dict[int, tuple[object, bytes]] = {}


def terms_digest(terms: Terms) -> bytes:
    """What is the same for equal terms. Of a project only what it says counts, not when it was written."""
    permitted = terms.permitted
    project = permitted.project
    parts: list[Any] = [
        None if project is None else (project.metadata.name, _shared(project.spec)),
        [getattr(permitted, name) for name in permitted.__struct_fields__ if name != "project"],
        _shared(terms.settings),
    ]
    rest = [getattr(terms, name) for name in terms.__struct_fields__ if name not in ("settings", "permitted")]
    parts.append(rest)
    return _digest(parts)


def _shared(value: object) -> bytes:
    """The digest of a value that many terms have in common."""
    found = _known.get(id(value))
    if found is None or found[0] is not value:
        if len(_known) >= MOST:
            _known.clear()
        found = _known[id(value)] = (value, _digest(value))
    return found[1]


def _digest(value: object) -> bytes:
    return hashlib.blake2b(_ENCODER.encode(value), digest_size=SIZE).digest()
