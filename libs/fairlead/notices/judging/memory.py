"""What was sent already, as the Application's annotation tells it: `notified.notifications.argoproj.io`.

It is a JSON map of key to Unix seconds, byte for byte as Argo CD's, so that who changes over hears nothing
twice (contract 16.4). Invariant: what a memory forgets for want of room is never what would be sent again at
once.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Set
from typing import Final

import msgspec

ANNOTATION: Final = "notified.notifications.argoproj.io"
MOST: Final = 100
"""Entries that are kept, the newest; those in force are kept beyond."""


def condition_key(index: int, when: str) -> str:
    """The condition of a trigger, by its place and its words."""
    digest = hashlib.sha1(when.encode(), usedforsecurity=False).digest()
    return f"[{index}].{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def memory_key(
    trigger: str, condition: str, service: str, recipient: str, *, once_per: str | None, own: str = ""
) -> str:
    """The key of what was sent. `once_per` is how the value of `oncePer` prints, None where there is no such
    expression; `own` is the namespace of a configuration that serves it alone."""
    parts = [trigger, condition, service, recipient]
    if own:
        parts.insert(0, own)
    if once_per:
        parts.insert(0, once_per)
    return ":".join(parts)


def read_memory(annotations: Mapping[str, str]) -> dict[str, int]:
    """What an Application remembers; what cannot be read is nothing."""
    text = annotations.get(ANNOTATION)
    if not text:
        return {}
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {key: int(at) for key, at in found.items() if isinstance(at, int | float)}


def written(memory: Mapping[str, int]) -> str | None:
    """The annotation, None where nothing is remembered."""
    return msgspec.json.encode(memory, order="sorted").decode() if memory else None


def trimmed(memory: Mapping[str, int], in_force: Set[str] | Iterable[str] = ()) -> dict[str, int]:
    """The newest of a memory, and whatever of it is in force."""
    if len(memory) <= MOST:
        return dict(memory)
    kept = set(sorted(memory, key=lambda key: (-memory[key], key))[:MOST]) | (set(in_force) & memory.keys())
    return {key: at for key, at in memory.items() if key in kept}
