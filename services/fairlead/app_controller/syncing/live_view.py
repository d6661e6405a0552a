"""Live objects as a sync reads them: decoded when looked at, and only once.

What the application neither marked nor wants is seen as much as of it is kept. Invariant: read-only, and as
old as the moment an object was first looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.kube.live_state import LiveState
from fairlead.manifest.identity import ResourceKey


class LiveView(Mapping[ResourceKey, Mapping[str, Any]]):
    """The live state of one cluster as a mapping."""

    def __init__(self, live: LiveState) -> None:
        self._live = live
        self._seen: dict[ResourceKey, Mapping[str, Any] | None] = {}

    def __getitem__(self, key: ResourceKey) -> Mapping[str, Any]:
        """The decoded object; raises KeyError."""
        if key not in self._seen:
            found = self._live.get(key)
            self._seen[key] = None if found is None else found.brief()
        decoded = self._seen[key]
        if decoded is None:
            raise KeyError(key)
        return decoded

    def __iter__(self) -> Iterator[ResourceKey]:
        """All keys of the cluster."""
        return iter([item.key for item in self._live.index])

    def __len__(self) -> int:
        """How many objects the cluster has."""
        return len(self._live.index)
