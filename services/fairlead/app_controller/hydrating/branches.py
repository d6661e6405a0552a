"""Which applications are hydrated into which branch, kept up to date as applications come, change and go.

Invariant: one replica works on all that is written to one branch of one repository, in one task.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from fairlead.events import subjects
from fairlead.matching.repository import identity
from fairlead.model.application import DEFAULT_PROJECT, AppId, Application
from fairlead.model.source import SourceHydrator

DEFAULT_REF = "HEAD"


class Branch(NamedTuple):
    """A branch that is written to, by the identity of its repository."""

    repository: str
    name: str

    @property
    def key(self) -> str:
        """What replicas share branches out by."""
        return f"hydrated {self.repository} {self.name}"


class Dry(NamedTuple):
    """What applications have in common that are hydrated together: their project, whose credentials are used
    and whose applications alone can hold them up; the dry source's repository and revision; and the branch
    that is deployed from, which a new branch begins at."""

    project: str
    repository: str
    revision: str
    sync_branch: str


def branch_of(hydrator: SourceHydrator) -> Branch:
    """Where it is hydrated to."""
    return Branch(identity(hydrator.write_url), hydrator.written_branch)


def dry_of(project: str, hydrator: SourceHydrator) -> Dry:
    """With whom it is hydrated."""
    dry, branch = hydrator.dry_source, hydrator.sync_source.target_branch
    return Dry(project or DEFAULT_PROJECT, identity(dry.repo_url), dry.target_revision or DEFAULT_REF, branch)


def together(apps: Iterable[Application]) -> dict[Dry, list[Application]]:
    """Those of one branch, by whom they are hydrated with, in the order of their names."""
    found: dict[Dry, list[Application]] = {}
    for app in sorted(apps, key=lambda app: app.id):
        if app.spec.source_hydrator is not None:
            found.setdefault(dry_of(app.spec.project, app.spec.source_hydrator), []).append(app)
    return found


class Branches:
    """The branches of all applications that are known."""

    def __init__(self) -> None:
        self._of_app: dict[AppId, tuple[Branch, str]] = {}
        self._apps: dict[Branch, set[AppId]] = {}
        self._by_dry: dict[str, dict[Branch, int]] = {}

    def note(self, app: Application) -> tuple[Branch, ...]:
        """The application as it is now; the branches that it belongs to, and that it left."""
        hydrator = None if app.is_deleting else app.spec.source_hydrator
        before = self._of_app.get(app.id)
        now = (branch_of(hydrator), dry_token(hydrator)) if hydrator is not None else None
        if now != before:
            self.forget(app.id)
        if now is not None and now != before:
            self._of_app[app.id] = now
            self._apps.setdefault(now[0], set()).add(app.id)
            drawn = self._by_dry.setdefault(now[1], {})
            drawn[now[0]] = drawn.get(now[0], 0) + 1
        return tuple({known[0] for known in (before, now) if known is not None})

    def forget(self, app_id: AppId) -> Branch | None:
        """The application is gone; the branch that it belonged to."""
        known = self._of_app.pop(app_id, None)
        if known is None:
            return None
        branch, token = known
        apps, drawn = self._apps[branch], self._by_dry[token]
        apps.discard(app_id)
        drawn[branch] -= 1
        if not drawn[branch]:
            del drawn[branch]
        if not drawn:
            del self._by_dry[token]
        if not apps:
            del self._apps[branch]
        return branch

    def apps(self, branch: Branch) -> tuple[AppId, ...]:
        """Who is hydrated into a branch."""
        return tuple(self._apps.get(branch, ()))

    def fed_by(self, token: str) -> tuple[Branch, ...]:
        """The branches that the repository of a token is hydrated into."""
        return tuple(self._by_dry.get(token, ()))

    def all(self) -> tuple[Branch, ...]:
        """Every branch."""
        return tuple(self._apps)


def dry_token(hydrator: SourceHydrator) -> str:
    """The token of the dry source's repository, as events name it."""
    return subjects.repository_token(identity(hydrator.dry_source.repo_url))
