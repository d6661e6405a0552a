"""Who is left out of a hydration, and why; the others go on without them.

Invariant: pure; one sentence each, that names what is at fault. Of two of a project that write the same path
neither does; of two projects the one that had an application there first keeps it, as else anybody who may
create one could keep others' from being written.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence

from fairlead.matching.repository import without_password
from fairlead.model.application import DEFAULT_PROJECT, AppId, Application

Forbidden = Callable[[Application], str]
"""Why an application may not be hydrated, or ""."""


def refused(apps: Sequence[Application], forbidden: Forbidden) -> dict[AppId, str]:
    """The words for each application of one branch that is left out."""
    found = {app.id: problem for app in apps if (problem := forbidden(app))}
    at: dict[str, list[Application]] = {}
    for app in apps:
        if app.id not in found and app.spec.source_hydrator is not None:
            at.setdefault(written_path(app), []).append(app)
    for path, sharing in at.items():
        for app in _refused_of(sharing):
            others = (_named(other, app) for other in sharing if other is not app)
            found[app.id] = _shared(app, path, ", ".join(sorted(set(others))))
    return found


def _refused_of(sharing: Sequence[Application]) -> Sequence[Application]:
    """Those that may not write the path that all of these name."""
    first = min(sharing, key=lambda app: (app.metadata.creation_timestamp or "", app.id))
    own = [app for app in sharing if _project(app) == _project(first)]
    return sharing if len(own) > 1 else [app for app in sharing if app is not first]


def _named(other: Application, app: Application) -> str:
    """Another application as this one's people may be told of it."""
    return other.id.qualified if _project(other) == _project(app) else "an application of another project"


def _project(app: Application) -> str:
    return app.spec.project or DEFAULT_PROJECT


def written_path(app: Application) -> str:
    """The path that an application is hydrated to, in one spelling."""
    hydrator = app.spec.source_hydrator
    return posixpath.normpath(f"/{hydrator.sync_source.path if hydrator else ''}").lstrip("/")


def _shared(app: Application, path: str, others: str) -> str:
    hydrator = app.spec.source_hydrator
    assert hydrator is not None  # noqa: S101 - only such are gathered by path
    return (
        f"spec.sourceHydrator.syncSource.path {path} of branch {hydrator.written_branch} of "
        f"{without_password(hydrator.write_url)} is also that of {others}; give each a path of its own"
    )
