"""Which applications depend on which, by their annotations.

Invariant: it is what the Applications say at this moment, ours and other replicas' alike.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.matching.dependencies import Declared, declared
from fairlead.model.application import AppId, Application

NOTHING = Declared()


class Dependents:
    """The graph, from both of its ends."""

    def __init__(self) -> None:
        self._declared: dict[AppId, Declared] = {}
        self._dependents: dict[AppId, dict[AppId, None]] = {}

    def __iter__(self) -> Iterator[AppId]:
        """Those that say anything."""
        return iter(list(self._declared))

    def is_known(self, app: Application) -> bool:
        """Whether what an application says is what is known of it."""
        return declared(app) == self.declared(app.id)

    def note(self, app: Application) -> None:
        """An application is there, or another."""
        found = declared(app)
        self.forget(app.id)
        if found == NOTHING:
            return
        self._declared[app.id] = found
        for one in found.dependencies:
            self._dependents.setdefault(one.app, {})[app.id] = None

    def forget(self, app_id: AppId) -> None:
        """An application is gone; who depends on it does so still."""
        for one in self._declared.pop(app_id, NOTHING).dependencies:
            dependents = self._dependents.get(one.app, {})
            dependents.pop(app_id, None)
            if not dependents:
                self._dependents.pop(one.app, None)

    def declared(self, app_id: AppId) -> Declared:
        """What an application says."""
        return self._declared.get(app_id, NOTHING)

    def of(self, app_id: AppId) -> tuple[AppId, ...]:
        """Who depends on an application."""
        return tuple(self._dependents.get(app_id, ()))
