"""Objects that one application wants and that carry the mark of another one, whether or not that keeps them.

Invariant: it says what the newest comparison of each claimant found; it holds contested objects only, so it
is small however many objects there are.
"""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.manifest.identity import ResourceKey
from fairlead.model.application import AppId

Claims = Mapping[ResourceKey, AppId]
"""What an application wants that another one holds, and which one that is."""


class Contested:
    """Claims, by who makes them and by who holds what is claimed."""

    def __init__(self) -> None:
        self._claims: dict[AppId, Claims] = {}
        self._claimed: dict[AppId, dict[ResourceKey, set[AppId]]] = {}

    def __bool__(self) -> bool:
        return bool(self._claims)

    def note(self, claimant: AppId, claims: Claims) -> frozenset[AppId]:
        """What an application claims from now on; the holders that lost a claim or have a new one."""
        before = self._claims.pop(claimant, {})
        if claims:
            self._claims[claimant] = claims
        for key, holder in before.items():
            self._release(holder, key, claimant)
        for key, holder in claims.items():
            self._claimed.setdefault(holder, {}).setdefault(key, set()).add(claimant)
        return frozenset(holder for _, holder in set(before.items()) ^ set(claims.items()))

    def claims_of(self, claimant: AppId) -> Claims:
        """What an application wants that others hold."""
        return self._claims.get(claimant, {})

    def claimed_from(self, holder: AppId) -> Mapping[ResourceKey, set[AppId]]:
        """What others want that an application holds, and who they are."""
        return self._claimed.get(holder, {})

    def _release(self, holder: AppId, key: ResourceKey, claimant: AppId) -> None:
        claimed = self._claimed[holder]
        claimed[key].discard(claimant)
        if not claimed[key]:
            del claimed[key]
        if not claimed:
            del self._claimed[holder]
