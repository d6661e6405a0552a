"""What is counted of rolling syncs (contract 17): those begun, and how long changes waited for them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from fairlead.kube.collection import Name
from fairlead.metrics import Counter, Histogram, header, labelled
from fairlead.model.applicationset import ApplicationSetApplicationStatus as Status
from fairlead.model.times import seconds_since

_TRIGGERED: Final = Counter(
    "argocd_appset_progressive_sync_syncs_triggered",
    "Syncs of Applications that ApplicationSets began, by step",
    ["namespace", "name", "step"],
)
_WAITED: Final = Histogram(
    "argocd_appset_progressive_sync_detection_to_trigger_seconds",
    "Seconds from the change of an Application until its ApplicationSet began to sync it",
    ["namespace", "name"],
    buckets=(1, 5, 15, 60, 300, 900, 3600, 14400),
)
STATUS: Final = "argocd_appset_progressive_sync_app_status"
STATUS_HEADER: Final = header(STATUS, "gauge", "Applications of rolling syncs, by step and status")
_known: dict[Name, set[str]] = {}


def begun(key: Name, before: Iterable[Status], now: datetime) -> None:
    """These, which waited until now, are being synced."""
    for status in before:
        _TRIGGERED.labels(*key, status.step).inc()
        _known.setdefault(key, set()).add(status.step)
        _WAITED.labels(*key).observe(max(seconds_since(status.last_transition_time, now) or 0.0, 0.0))


def forget(key: Name) -> None:
    """The set is gone."""
    steps = _known.pop(key, None)
    if steps is None:
        return
    for step in steps:
        _TRIGGERED.remove(*key, step)
    _WAITED.remove(*key)


def status_lines(key: Name, statuses: Iterable[Status]) -> Iterable[bytes]:
    """How many Applications of a set are in which status."""
    counts: dict[tuple[str, str], int] = {}
    for status in statuses:
        place = status.step, status.status.value
        counts[place] = counts.get(place, 0) + 1
    for (step, value), count in sorted(counts.items()):
        text = labelled(namespace=key[0], name=key[1], step=step, progressiveStatus=value)
        yield f"{STATUS}{text} {count}\n".encode()
