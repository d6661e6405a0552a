"""How our verdict on an application stands to the one that its status has from somebody else's controller.

Invariant: pure. Verdicts on different commits are not held against each other, and what only the API server
could have told is called neither the same nor different.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from fairlead.app_controller.comparing.item import Comparison, resource_status
from fairlead.manifest.identity import ResourceKey
from fairlead.model.application import Application
from fairlead.model.explanation import Explanation
from fairlead.model.observed import ObservedApplication, ObservedObject, Outcome
from fairlead.model.status import ApplicationStatus, ResourceStatus, SyncCode

MAX_OBJECTS = 50
"""Objects that are named of one application."""
Explained = dict[ResourceKey, tuple[Explanation, ...]]


class Ours(msgspec.Struct, frozen=True):
    """A verdict that was made here: the status that would be written, and why objects are out of sync."""

    status: ApplicationStatus
    comparison: Comparison
    explained: Explained


def observed(app: Application, ours: Ours) -> ObservedApplication:
    """Both verdicts side by side, as the Application is now."""
    objects = list(_differing(app.status, ours))
    outcome = _outcome(app.status, ours, bool(objects))
    if outcome not in (Outcome.DIFFERS, Outcome.UNASKED):
        objects = []
    return msgspec.structs.replace(
        named(app),
        outcome=outcome,
        ours=ours.status.sync.status.value,
        our_health=ours.status.health.status.value,
        our_revisions=revisions_of(ours.status),
        reason=_reason(ours) if outcome is Outcome.UNKNOWN else "",
        objects=tuple(objects[:MAX_OBJECTS]),
        more=max(0, len(objects) - MAX_OBJECTS),
    )


def named(app: Application, reason: str = "") -> ObservedApplication:
    """What the Application says, and nothing of ours."""
    status = app.status
    return ObservedApplication(
        namespace=app.id.namespace,
        name=app.id.name,
        project=app.spec.project or "default",
        theirs=status.sync.status.value,
        their_health=status.health.status.value,
        their_revisions=revisions_of(status),
        reason=reason,
    )


def revisions_of(status: ApplicationStatus) -> tuple[str, ...]:
    """The commits that a comparison was about."""
    return status.sync.revisions or ((status.sync.revision,) if status.sync.revision else ())


def _outcome(theirs: ApplicationStatus, ours: Ours, has_differing: bool) -> Outcome:
    if theirs.sync.status in (SyncCode.UNSET, SyncCode.UNKNOWN):
        return Outcome.UNCOMPARED
    if ours.comparison.is_error or any(item.problem for item in ours.comparison.items):
        return Outcome.UNKNOWN
    if any(_is_unasked(item) for item in ours.comparison.items):
        return Outcome.UNASKED
    if ours.status.sync.status is SyncCode.UNKNOWN:
        return Outcome.UNKNOWN
    if revisions_of(theirs) != revisions_of(ours.status):
        return Outcome.MOVED
    same = theirs.sync.status is ours.status.sync.status and not has_differing
    return Outcome.SAME if same else Outcome.DIFFERS


def _is_unasked(item: object) -> bool:
    outcome = getattr(item, "outcome", None)
    return outcome is not None and outcome.needs_asking


def _reason(ours: Ours) -> str:
    said = [condition.message for condition in ours.status.conditions if condition.type.endswith("Error")]
    said += [item.problem for item in ours.comparison.items if item.problem]
    return said[0] if said else "it cannot be compared"


def _differing(theirs: ApplicationStatus, ours: Ours) -> Iterator[ObservedObject]:
    there = {_key(line): line for line in theirs.resources}
    here = {_key(line): line for line in ours.status.resources}
    reasons = {item.key: item.outcome.reason.value for item in ours.comparison.items if item.outcome}
    for key in sorted(there.keys() | here.keys(), key=str):
        mine, other = _code(here.get(key)), _code(there.get(key))
        if mine != other:
            yield ObservedObject(
                group=key.group,
                kind=key.kind,
                namespace=key.namespace,
                name=key.name,
                ours=mine,
                theirs=other,
                reason=reasons.get(key, ""),
                fields=ours.explained.get(key, ()),
            )


def _code(line: ResourceStatus | None) -> str:
    """What a status says of an object; "-" where it does not name it, and "" of what takes no part."""
    return "-" if line is None else line.status.value


def _key(line: ResourceStatus) -> ResourceKey:
    return ResourceKey(line.group, line.kind, line.namespace, line.name)


def suspects(app: Application, comparison: Comparison) -> list[ResourceKey]:
    """The objects that are out of sync here and not there, of which it is worth to say why."""
    there = {_key(line): line.status for line in app.status.resources}
    lines = [resource_status(item) for item in comparison.items]
    return [
        _key(line)
        for line in lines
        if line.status is SyncCode.OUT_OF_SYNC and there.get(_key(line)) is not SyncCode.OUT_OF_SYNC
    ]
