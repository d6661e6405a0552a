"""What follows from Applications, ApplicationSets and AppProjects as they are.

Invariant: pure; what an object says that has no effect is told in the words of its own condition.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from fairlead.cli.admin.migrate.configured import named
from fairlead.cli.admin.migrate.facts import Facts
from fairlead.cli.admin.migrate.findings import Degree, Finding
from fairlead.cli.admin.migrate.workloads import ROLES
from fairlead.kube.head import decode_head
from fairlead.model.application import Application
from fairlead.model.decode import decode_app_project, decode_application, decode_application_set
from fairlead.model.errors import MalformedObjectError
from fairlead.settings.effects import Surface
from fairlead.settings.unheeded import unheeded

FINALIZERS: Final = frozenset(
    {
        "resources-finalizer.argocd.argoproj.io",
        "resources-finalizer.argocd.argoproj.io/foreground",
        "resources-finalizer.argocd.argoproj.io/background",
        "pre-delete-finalizer.argocd.argoproj.io",
        "pre-delete-finalizer.argocd.argoproj.io/cleanup",
        "post-delete-finalizer.argocd.argoproj.io",
        "post-delete-finalizer.argocd.argoproj.io/cleanup",
        "foregroundDeletion",
        "orphan",
    }
)
"""Those that Fairlead takes off, or Kubernetes itself."""


def declared(facts: Facts) -> Iterator[Finding]:
    """All of it."""
    for raw in facts.applications:
        yield from _application(raw, facts)
    for raw in facts.sets:
        yield from _read(raw, "set", decode_application_set)
    for raw in facts.projects:
        yield from _project(raw)


def _name(raw: bytes) -> str:
    metadata = decode_head(raw).metadata
    return f"{metadata.namespace}/{metadata.name}"


def _read(raw: bytes, area: str, decode: Any) -> Iterator[Finding]:
    try:
        decode(raw)
    except MalformedObjectError as error:
        yield Finding(
            Degree.BLOCKS, area, _name(raw), f"it cannot be read, so nothing is done for it: {error}"
        )


def _application(raw: bytes, facts: Facts) -> Iterator[Finding]:
    name = _name(raw)
    try:
        app = decode_application(raw)
    except MalformedObjectError as error:
        text = f"it cannot be read, so nothing is done for it: {error}"
        yield Finding(Degree.BLOCKS, "application", name, text)
        return
    for text in unheeded(app):
        yield Finding(Degree.MISSING, "application", name, text)
    yield from _under_way(app, name)
    for finalizer in set(app.metadata.finalizers) - FINALIZERS:
        text = f"the finalizer {finalizer} is somebody else's to take off, as before"
        yield Finding(Degree.WORKS, "application", name, text)
    yield from _itself(app, name, facts)


def _under_way(app: Application, name: str) -> Iterator[Finding]:
    state = app.status.operation_state
    if app.operation is not None and state is not None and not state.phase.is_final:
        text = "its operation is under way: Fairlead goes on with it from what its status says"
        yield Finding(Degree.DIFFERS, "application", name, text)
    elif app.operation is not None:
        yield Finding(Degree.DIFFERS, "application", name, "an operation is asked for: Fairlead begins it")
    if app.is_deleting:
        text = "it is being deleted: Fairlead goes on with it as its finalizers say"
        yield Finding(Degree.DIFFERS, "application", name, text)
    if app.metadata.annotations.get("argocd.argoproj.io/refresh"):
        text = "a refresh is asked for: Fairlead makes it and takes the annotation off"
        yield Finding(Degree.WORKS, "application", name, text)


def _itself(app: Application, name: str, facts: Facts) -> Iterator[Finding]:
    """An application that deploys the control plane itself."""
    names = {(one.kind, one.name) for one in facts.theirs if one.role in ROLES}
    deploys = [
        line.name
        for line in app.status.resources
        if line.namespace == facts.namespace and (line.kind, line.name) in names
    ]
    if deploys:
        automated = "automated sync is on: " if app.spec.is_automated else ""
        degree = Degree.BLOCKS if app.spec.is_automated else Degree.FIGHTS
        text = (
            f"{automated}it deploys Argo CD itself ({', '.join(sorted(deploys)[:3])}): while Fairlead is in "
            "charge it must not be synced; switch automated sync off"
        )
        yield Finding(degree, "fights", name, text)


class _Spec(msgspec.Struct):
    spec: dict[str, Any] = {}


def _project(raw: bytes) -> Iterator[Finding]:
    yield from _read(raw, "project", decode_app_project)
    spec = msgspec.json.decode(raw, type=_Spec).spec
    yield from named(Surface.PROJECT, spec, "project", _name(raw))
