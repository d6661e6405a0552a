"""What a sync says while it runs and when it ends, word for word as users and their scripts know it.

Invariant: scripts match these texts; change none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fairlead.manifest.identity import ResourceKey
from fairlead.model.sync import ResourceResult
from fairlead.sync.task import Task

ALL_TASKS_RUN = "successfully synced (all tasks run)"
NO_MORE_TASKS = "successfully synced (no more tasks)"
TASKS_RUNNING = "one or more tasks are running"
FAILED_TO_APPLY = "one or more objects failed to apply"
FAILED_DRY_RUN = "one or more objects failed to apply (dry run)"
COMPLETED_UNSUCCESSFULLY = "one or more synchronization tasks completed unsuccessfully"
NAMESPACE_FAILED = "the namespace failed to apply"
INVALID_OPERATION = "Invalid operation request: no operation specified"
TERMINATING = "operation is terminating"
TERMINATING_BY_TIMEOUT = "operation is terminating due to timeout"
TERMINATED = "Operation terminated"
TRYING_AGAIN = "interrupted, trying again"
TERMINATED_WITH_ERRORS = "Operation termination had errors"
BY_TIMEOUT = ", triggered by controller sync timeout"
HOOK_TERMINATED = "Terminated"
BLOCKED_BY_WINDOW = "Sync operation blocked by sync window"

REQUIRES_PRUNING = "ignored (requires pruning)"
NO_PRUNE = "ignored (no prune)"
PRUNED = "pruned"
PRUNED_DRY_RUN = "pruned (dry run)"

HEALTHY_STATE = "healthy state of"
COMPLETION_OF_HOOK = "completion of hook"
DELETION = "deletion of"
DELETION_OF_HOOK = "deletion of hook"
PRUNING_CONFIRMATION = "pruning confirmation of"


def waiting_for(reason: str, tasks: Sequence[Task]) -> str:
    """``waiting for healthy state of apps/Deployment/web and 1 more resources``; hooks are named first."""
    hooks = [task for task in tasks if task.is_hook]
    first = (hooks or list(tasks))[0].key
    text = f"waiting for {reason} {first.group}/{first.kind}/{first.name}"
    if len(tasks) == 1:
        return text
    return f"{text} and {len(tasks) - 1} more {'hooks' if len(hooks) == len(tasks) else 'resources'}"


def waiting_to_finish(tasks: Sequence[Task]) -> str:
    """What running tasks wait for: a hook's completion if any is a hook, else health."""
    reason = COMPLETION_OF_HOOK if any(task.is_hook for task in tasks) else HEALTHY_STATE
    return waiting_for(reason, tasks)


def because(text: str, reason: str) -> str:
    """What is waited for, and what stands in its way where that is known."""
    return f"{text}: {reason}" if reason else text


def too_late(what: str, limit: float, reason: str = "") -> str:
    """A wait that is over; ``limit`` is in seconds."""
    return because(f"{what} within {duration(limit)}", reason)


def duration(seconds: float) -> str:
    """``1h30m``, ``45s``: seconds as people write them."""
    whole = max(1, round(seconds))
    parts = ((whole // 3600, "h"), (whole % 3600 // 60, "m"), (whole % 60, "s"))
    return "".join(f"{count}{unit}" for count, unit in parts if count)


def waiting_for_deletion(tasks: Sequence[Task]) -> str:
    """What deletions wait for."""
    reason = DELETION_OF_HOOK if any(task.is_hook for task in tasks) else DELETION
    return waiting_for(reason, tasks)


def with_reasons(message: str, failed: Iterable[ResourceResult]) -> str:
    """A failure followed by the distinct messages of what failed."""
    reasons = list(dict.fromkeys(result.message for result in failed if result.message))
    return f"{message}, reason: {','.join(reasons)}" if reasons else message


def with_failed_hooks(message: str, failed: Iterable[ResourceResult]) -> str:
    """A failure whose SyncFail hooks failed too."""
    return f"{message}\n{with_reasons('one or more SyncFail hooks failed', failed)}"


def invalid_tasks(problems: Iterable[str]) -> str:
    """The end of a sync that asks for what cannot or may not be done."""
    texts = "; ".join(sorted(set(problems)))
    return f"one or more synchronization tasks are not valid: {texts}"


def is_missing(key: ResourceKey) -> str:
    """A task whose object vanished while it ran."""
    return f"Resource {key.group}/{key.kind}/{key.name} is missing, it might have been deleted"


def stranger_in_the_way(key: ResourceKey) -> str:
    """A hook whose name somebody else's object has."""
    return (
        f"hook {key}: an object of this name is there that is not this application's; it is neither deleted "
        "nor taken for the hook: rename one of them or remove it"
    )


def kind_not_permitted(group: str, kind: str, project: str) -> str:
    """A kind the project does not allow."""
    return f"resource {group}:{kind} is not permitted in project {project}"


def namespace_not_permitted(namespace: str, project: str) -> str:
    """A namespace the project does not allow."""
    return f"namespace {namespace} is not permitted in project '{project}'"


def kind_not_served(key: ResourceKey) -> str:
    """A kind the destination does not know."""
    place = f"{key.namespace}/{key.name}" if key.namespace else key.name
    return (
        f"The Kubernetes API could not find {key.group}/{key.kind} for requested resource {place}. "
        f'Make sure the "{key.kind}" CRD is installed on the destination cluster.'
    )


def version_not_served(key: ResourceKey, version: str, served: str) -> str:
    """A version the destination does not know, of a kind it does."""
    place = f"{key.namespace}/{key.name}" if key.namespace else key.name
    return (
        f'The Kubernetes API could not find version "{version}" of {key.group}/{key.kind} '
        f"for requested resource {place}. "
        f'Version "{served}" of {key.group}/{key.kind} is installed on the destination cluster.'
    )


def resource_text(key: ResourceKey, verb: str) -> str:
    """``deployment.apps/web configured``."""
    kind = f"{key.kind.lower()}.{key.group}" if key.group else key.kind.lower()
    return f"{kind}/{key.name} {verb}"


def blocked_by_window(error: str = "") -> str:
    """An operation held by a sync window."""
    return f"{BLOCKED_BY_WINDOW}: {error}" if error else BLOCKED_BY_WINDOW


def conditions_failed(conditions: Iterable[tuple[str, str]]) -> str:
    """An operation that cannot be executed because of conditions (type, message)."""
    return ";".join(f"{kind}: {message}" for kind, message in conditions)
