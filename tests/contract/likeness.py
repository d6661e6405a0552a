"""In what two answers differ, when they may differ in names of commits, times and identities.

The invariant: what is compared is said here; who lets a difference pass has a row for it, with a reason.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

CHANGING = frozenset(
    {
        *("uid", "resourceVersion", "generation", "creationTimestamp", "token", "iat", "exp", "id", "jti"),
        *("revision", "revisions", "reconciledAt", "lastTransitionTime", "startedAt", "finishedAt"),
        *("deployedAt", "deployStartedAt", "observedAt", "attemptedAt", "modifiedAt", "lastCacheSyncTime"),
        *("content", "timeStamp", "timeStampStr", "podName", "createdAt", "serverVersion", "version"),
        *("certInfo", "configHash", "liveState", "normalizedLiveState", "predictedLiveState", "manifest"),
        *("syncId", "hosts", "message", "health", "status", "hookPhase", "networkingInfo", "images", "info"),
        *("BuildDate", "GoVersion", "Version", "KustomizeVersion", "HelmVersion", "JsonnetVersion"),
        *("GitCommit", "GitTreeState", "KubectlVersion", "Compiler", "Platform", "parentRefs", "name"),
    }
)
"""Fields whose values are of another place and time; that they are there, and of their kind, counts."""
STEADY = ("spec", "metadata")
"""Objects in which a name, a message or a version is what somebody wrote."""
_COMMIT = re.compile(r"\b[0-9a-f]{7,40}\b")


class Difference(NamedTuple):
    """What one path of an answer has and the other has not."""

    path: str
    kind: str
    recorded: Any = None
    ours: Any = None

    def __str__(self) -> str:
        return f"{self.path} {self.kind}: {str(self.recorded)[:160]!r} / {str(self.ours)[:160]!r}"


def differences(recorded: Any, ours: Any, path: str = "") -> Iterator[Difference]:
    """What differs, by path; items of lists are `[]`."""
    if isinstance(recorded, dict) and isinstance(ours, dict):
        yield from _of_objects(recorded, ours, path)
    elif isinstance(recorded, list) and isinstance(ours, list):
        yield from _of_lists(recorded, ours, path)
    elif _is_object(recorded) and _is_object(ours):
        if _counts(path):
            yield from differences(json.loads(recorded), json.loads(ours), path)
    elif _kind(recorded) != _kind(ours):
        yield Difference(path, "is of another kind", recorded, ours)
    elif _counts(path) and _plain(recorded) != _plain(ours):
        yield Difference(path, "has another value", recorded, ours)


def _of_objects(recorded: dict[str, Any], ours: dict[str, Any], path: str) -> Iterator[Difference]:
    for key in sorted(recorded.keys() | ours.keys()):
        here = f"{path}.{key}" if path else key
        if key not in ours:
            yield Difference(here, "is missing", recorded[key])
        elif key not in recorded:
            yield Difference(here, "is more", None, ours[key])
        else:
            yield from differences(recorded[key], ours[key], here)


def _of_lists(recorded: list[Any], ours: list[Any], path: str) -> Iterator[Difference]:
    if len(recorded) != len(ours):
        yield Difference(f"{path}[]", "are of another number", recorded, ours)
    for one, other in zip(_ordered(recorded), _ordered(ours), strict=False):
        yield from differences(one, other, f"{path}[]")


def _ordered(items: list[Any]) -> list[Any]:
    """Objects by what names them: the order of resources is by chance."""

    def key(item: Any) -> tuple[str, ...]:
        item = item if isinstance(item, dict) else {}
        return tuple(str(item.get(part, "")) for part in ("group", "kind", "namespace", "name"))

    return sorted(items, key=key)


def _is_object(value: Any) -> bool:
    """Whether a text is an object in JSON, of which the order of keys says nothing."""
    return isinstance(value, str) and value.startswith('{"')


def _kind(value: Any) -> str:
    return "number" if isinstance(value, int) and not isinstance(value, bool) else type(value).__name__


def _counts(path: str) -> bool:
    parts = [part.removesuffix("[]") for part in path.split(".")]
    is_steady = any(part in STEADY for part in parts[:-1]) and "status" not in parts
    return parts[-1] not in CHANGING or (is_steady and parts[-1] in ("name", "namespace", "project"))


def _plain(value: Any) -> Any:
    return _COMMIT.sub("COMMIT", value) if isinstance(value, str) else value
