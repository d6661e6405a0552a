"""Pod: judged by how long it is meant to run.

Invariant: a pod that should run for ever is never healthy before it is ready; one that should end is never
healthy before it has ended.
"""

from __future__ import annotations

from fairlead.health.conditions import condition_of, is_true
from fairlead.health.status import Health, degraded, healthy, progressing, unknown
from fairlead.manifest.fields import (
    Manifest,
    annotation_of,
    annotations_of,
    integer_at,
    mapping_at,
    maps_at,
    text_at,
)

IGNORE_RESTART_POLICY = "argocd.argoproj.io/ignore-restart-policy"
HOOKS = ("argocd.argoproj.io/hook", "helm.sh/hook")


def assess(obj: Manifest) -> Health:
    """Judge one Pod."""
    runs_for_ever = _runs_for_ever(obj)
    message = text_at(obj, "status", "message")
    if runs_for_ever:
        stuck = _stuck_messages(obj)
        if stuck is not None:
            return degraded(stuck)
    match text_at(obj, "status", "phase"):
        case "Pending":
            return progressing(message)
        case "Succeeded":
            return healthy(message)
        case "Failed":
            return degraded(message or _failure(obj))
        case "Running":
            return _running(obj, message) if runs_for_ever else progressing(message)
        case _:
            return unknown(message)


def _runs_for_ever(obj: Manifest) -> bool:
    policy = text_at(obj, "spec", "restartPolicy")
    if policy == "Always":
        return True
    hook = any(name in annotations_of(obj) for name in HOOKS)
    return (
        policy in ("OnFailure", "Never") and not hook and annotation_of(obj, IGNORE_RESTART_POLICY) == "true"
    )


def _stuck_messages(obj: Manifest) -> str | None:
    """Why app containers cannot start (image pull, crash loop), or None when none is stuck."""
    messages = []
    for container in maps_at(obj, "status", "containerStatuses"):
        waiting = mapping_at(container, "state", "waiting")
        reason = text_at(waiting, "reason")
        if reason.startswith("Err") or reason.endswith(("Error", "BackOff")):
            messages.append(text_at(waiting, "message"))
    return ", ".join(messages) if messages else None


def _failure(obj: Manifest) -> str:
    """The first failed container's own words; init containers come first."""
    for field in ("initContainerStatuses", "containerStatuses"):
        for container in maps_at(obj, "status", field):
            text = _container_failure(container)
            if text:
                return text
    return ""


def _container_failure(container: Manifest) -> str:
    ended = mapping_at(container, "state", "terminated")
    if text_at(ended, "message"):
        return text_at(ended, "message")
    if text_at(ended, "reason") == "OOMKilled":
        return "OOMKilled"
    code = integer_at(ended, "exitCode")
    return f'container "{text_at(container, "name")}" failed with exit code {code}' if code else ""


def _running(obj: Manifest, message: str) -> Health:
    if is_true(condition_of(obj, "Ready")):
        return healthy(message)
    for container in maps_at(obj, "status", "containerStatuses"):
        if mapping_at(container, "lastState", "terminated"):
            return degraded(message)
    return progressing(message)
