"""What Prometheus is told of one application, as the lines it reads (contract 17).

Invariant: made of the Application and its cluster alone, so it holds as long as these do.
"""

from __future__ import annotations

import re
from collections import Counter

import msgspec

from fairlead.matching.repository import normalized_url, without_password
from fairlead.metrics import labelled
from fairlead.model.application import Application
from fairlead.settings import MetricsOptions

_FOREIGN = re.compile(r"[^a-zA-Z0-9_]")


class Measured(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Lines by metric, and what they were made of."""

    app: Application
    server: str
    info: bytes
    labels: bytes
    conditions: bytes

    def is_of(self, app: Application, server: str) -> bool:
        """Whether it still holds."""
        return self.app is app and self.server == server


def measure(app: Application, server: str, options: MetricsOptions) -> Measured:
    """The lines of an application in a cluster, "" for one whose cluster is not known."""
    named = {
        "namespace": app.metadata.namespace,
        "name": app.metadata.name,
        "project": app.spec.project or "default",
    }
    return Measured(
        app=app,
        server=server,
        info=_line("argocd_app_info", {**named, **_state(app, server)}),
        labels=_labels(named, app, options.application_labels),
        conditions=_conditions(named, app, options.application_conditions),
    )


def exposed(wanted: tuple[str, ...], present: dict[str, str]) -> dict[str, str]:
    """Labels of an object as those of a metric."""
    return {f"label_{_FOREIGN.sub('_', name)}": present.get(name, "") for name in wanted}


def _state(app: Application, server: str) -> dict[str, str]:
    sources, status = app.spec.effective_sources(), app.status
    operation = app.status.operation_state
    requested = "delete" if app.is_deleting else "sync" if app.operation and app.operation.sync else ""
    hydrated = status.source_hydrator.current_operation
    return {
        "autosync_enabled": str(app.spec.is_automated).lower(),
        "repo": normalized_url(without_password(sources[0].repo_url)) if sources else "",
        "dest_server": server,
        "dest_namespace": app.spec.destination.namespace,
        "sync_status": status.sync.status.value or "Unknown",
        "health_status": status.health.status.value or "Unknown",
        "hydrator_status": hydrated.phase.value if hydrated is not None else "",
        "operation": requested,
        "phase": operation.phase.value if operation is not None else "",
    }


def _labels(named: dict[str, str], app: Application, wanted: tuple[str, ...]) -> bytes:
    if not wanted:
        return b""
    return _line("argocd_app_labels", {**named, **exposed(wanted, dict(app.metadata.labels))})


def _conditions(named: dict[str, str], app: Application, wanted: tuple[str, ...]) -> bytes:
    counts = Counter(condition.type for condition in app.status.conditions if condition.type in wanted)
    return b"".join(
        _line("argocd_app_condition", {**named, "condition": kind}, count) for kind, count in counts.items()
    )


def _line(name: str, labels: dict[str, str], value: int = 1) -> bytes:
    return f"{name}{labelled(**labels)} {value}\n".encode()
