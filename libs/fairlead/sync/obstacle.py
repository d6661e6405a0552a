"""Why a pod does not do what it is there for, in the words of its own status and of its events.

Invariant: a text stays the same while the trouble does, so that telling it again costs no write.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from fairlead.health.conditions import condition_of
from fairlead.manifest.fields import Manifest, integer_at, mapping_at, maps_at, text_at

LONGEST = 300
"""Characters of somebody else's words in a message."""
_SAME = {"ErrImagePull": "ImagePullBackOff"}
"""The kubelet goes to and fro between the two."""
_PASSING = frozenset({"", "ContainerCreating", "PodInitializing"})
_TOLD_BY_EVENTS = frozenset({"FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox", "FailedCreate"})


class Obstacle(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the way; ``stops_work`` says that nothing of the pod runs meanwhile.

    ``text`` is all of it in a sentence; the rest is the same in parts: which object, which of its containers,
    and the reason with its words.
    """

    text: str
    stops_work: bool = False
    kind: str = ""
    name: str = ""
    container: str = ""
    reason: str = ""
    words: str = ""


def obstacle_of(pod: Manifest) -> Obstacle | None:
    """What a pod's own status tells, or None."""
    scheduled = condition_of(pod, "PodScheduled")
    if scheduled and text_at(scheduled, "status") == "False":
        reason = text_at(scheduled, "reason") or "Unschedulable"
        return _of(pod, reason, text_at(scheduled, "message"), stops_work=True)
    works = is_at_work(pod)
    for container in _containers(pod):
        found = _waits(container) or _keeps_ending(container)
        if found is not None:
            reason, words = found
            return _of(pod, reason, words, stops_work=not works, container=text_at(container, "name"))
    return None


def is_at_work(pod: Manifest) -> bool:
    """Whether a container of a pod runs."""
    return any(mapping_at(container, "state", "running") for container in _containers(pod))


def is_being_prepared(pod: Manifest) -> bool:
    """Whether a pod has a node and no container has begun: what keeps it is told by events alone."""
    states = [text_at(container, "state", "waiting", "reason") for container in _containers(pod)]
    return bool(states) and all(state in _PASSING and state for state in states)


def obstacle_in(events: Iterable[Manifest], of: Manifest) -> Obstacle | None:
    """What the events about an object tell, the newest first of the kinds that keep it from beginning."""
    telling = [event for event in events if text_at(event, "reason") in _TOLD_BY_EVENTS]
    if not telling:
        return None
    last = max(telling, key=lambda event: text_at(event, "lastTimestamp") or text_at(event, "eventTime"))
    return _of(of, text_at(last, "reason"), text_at(last, "message"), stops_work=True)


def _of(obj: Manifest, reason: str, words: str, *, stops_work: bool, container: str = "") -> Obstacle:
    kind, name = text_at(obj, "kind") or "Pod", text_at(obj, "metadata", "name")
    shown = _cut(words)
    said = _cut(f"container {container}: {words}") if container else shown
    return Obstacle(
        text=f"{kind} {name}: {reason}: {said}" if said else f"{kind} {name}: {reason}",
        stops_work=stops_work,
        kind=kind,
        name=name,
        container=container,
        reason=reason,
        words=shown,
    )


def _cut(words: str) -> str:
    text = " ".join(words.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _containers(pod: Manifest) -> Iterator[Manifest]:
    for field in ("initContainerStatuses", "containerStatuses"):
        yield from maps_at(pod, "status", field)


def _waits(container: Manifest) -> tuple[str, str] | None:
    reason = text_at(container, "state", "waiting", "reason")
    if reason in _PASSING or reason == "CrashLoopBackOff":
        return None
    if reason in ("ErrImagePull", "ImagePullBackOff"):
        return _SAME.get(reason, reason), f"image {text_at(container, 'image')} cannot be pulled"
    return reason, text_at(container, "state", "waiting", "message")


def _keeps_ending(container: Manifest) -> tuple[str, str] | None:
    """A container that was begun again, is not ready and ended badly before."""
    if container.get("ready") is True or not integer_at(container, "restartCount"):
        return None
    ended = mapping_at(container, "lastState", "terminated") or mapping_at(container, "state", "terminated")
    code = integer_at(ended, "exitCode")
    reason = text_at(ended, "reason")
    words = reason if reason not in ("", "Error") else "it"
    return ("CrashLoopBackOff", f"{words} ended with exit code {code}") if code else None
