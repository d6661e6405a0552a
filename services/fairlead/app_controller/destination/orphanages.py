"""Which applications look for orphans, by the cluster and namespace where they do.

Invariant: it says what the newest look at each application found its project to want; finding who is
concerned costs what is found.
"""

from __future__ import annotations

from fairlead.model.application import AppId

Place = tuple[str, str]
"""A cluster's server and a namespace."""


class Orphanages:
    """Applications by where they look."""

    def __init__(self) -> None:
        self._place: dict[AppId, Place] = {}
        self._at: dict[Place, set[AppId]] = {}

    def note(self, app_id: AppId, server: str, namespace: str) -> None:
        """The application looks there from now on."""
        place = (server, namespace)
        if self._place.get(app_id) != place:
            self.forget(app_id)
            self._place[app_id] = place
            self._at.setdefault(place, set()).add(app_id)

    def forget(self, app_id: AppId) -> None:
        """The application is gone, or looks for none."""
        place = self._place.pop(app_id, None)
        if place is not None:
            self._at[place].discard(app_id)
            if not self._at[place]:
                del self._at[place]

    def at(self, server: str, namespace: str) -> frozenset[AppId]:
        """Those that look there."""
        return frozenset(self._at.get((server, namespace), ()))
