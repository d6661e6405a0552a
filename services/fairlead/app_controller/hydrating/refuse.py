"""Who is left out of a hydration, and why; the others go on without them.

Invariant: pure; one sentence each, that names what is at fault. Of two that write the same path neither does.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence

from fairlead.matching.repository import without_password
from fairlead.model.application import AppId, Application

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
        for app in sharing if len(sharing) > 1 else ():
            others = ", ".join(sorted(other.id.qualified for other in sharing if other.id != app.id))
            found[app.id] = _shared(app, path, others)
    return found


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
