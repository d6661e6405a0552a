"""Which applications depend on which, by their annotations, and which of them depend on themselves.

Invariant: it is what the Applications say at this moment, ours and other replicas' alike; of a circle no edge
counts, so that it holds nobody.
"""

from __future__ import annotations

from collections.abc import Callable

from fairlead.matching.circles import circles
from fairlead.matching.dependencies import Declared, Dependency, declared
from fairlead.model.application import AppId, Application

NOTHING = Declared()


class Dependents:
    """The graph. `on_circle` is told of each application that came into a circle, or out of one."""

    def __init__(
        self, *, on_circle: Callable[[AppId], None], later: Callable[[Callable[[], None]], object]
    ) -> None:
        self._on_circle = on_circle
        self._later = later
        self._declared: dict[AppId, Declared] = {}
        self._dependents: dict[AppId, dict[AppId, None]] = {}
        self._circles: dict[AppId, tuple[AppId, ...]] = {}
        self._is_outdated = False

    def note(self, app: Application) -> None:
        """An application is there, or another."""
        found = declared(app)
        before = self._declared.get(app.id, NOTHING)
        if found == before:
            return
        self._unlink(app.id, before)
        if found == NOTHING:
            self._declared.pop(app.id, None)
        else:
            self._declared[app.id] = found
        for one in found.dependencies:
            self._dependents.setdefault(one.app, {})[app.id] = None
        self._outdate()

    def forget(self, app_id: AppId) -> None:
        """An application is gone; who depends on it does so still."""
        found = self._declared.pop(app_id, None)
        if found is not None:
            self._unlink(app_id, found)
            self._outdate()

    def declared(self, app_id: AppId) -> Declared:
        """What an application says."""
        return self._declared.get(app_id, NOTHING)

    def of(self, app_id: AppId) -> tuple[AppId, ...]:
        """Who depends on an application."""
        return tuple(self._dependents.get(app_id, ()))

    def counting(self, app_id: AppId) -> tuple[Dependency, ...]:
        """What an application depends on, without those with which it stands in a circle."""
        circle = self.circle(app_id)
        return tuple(one for one in self.declared(app_id).dependencies if one.app not in circle)

    def circle(self, app_id: AppId) -> tuple[AppId, ...]:
        """Those that depend on the application and on which it depends, itself among them; () for nobody."""
        if self._is_outdated:
            self._search()
        return self._circles.get(app_id, ())

    def _unlink(self, app_id: AppId, found: Declared) -> None:
        for one in found.dependencies:
            dependents = self._dependents.get(one.app, {})
            dependents.pop(app_id, None)
            if not dependents:
                self._dependents.pop(one.app, None)

    def _outdate(self) -> None:
        if not self._is_outdated:
            self._is_outdated = True
            self._later(self._search)

    def _search(self) -> None:
        """Find the circles anew, once for all that changed."""
        if not self._is_outdated:
            return
        self._is_outdated = False
        edges = {app_id: [one.app for one in found.dependencies] for app_id, found in self._declared.items()}
        before, self._circles = self._circles, circles(edges)
        for app_id in before.keys() | self._circles.keys():
            if before.get(app_id) != self._circles.get(app_id):
                self._on_circle(app_id)
