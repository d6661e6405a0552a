"""What is to be done so that the Applications of a set are as it wants them.

Invariant: pure; an Application with a problem is neither changed nor a candidate for deletion, and one that
is on its way out is left until it is gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from fairlead.applicationset_controller.applying.change import Desired, Preserved, current, desired, differs
from fairlead.applicationset_controller.applying.ownership import Whose, whose
from fairlead.applicationset_controller.applying.policy import Policy
from fairlead.applicationset_controller.applying.wanted import Wanted, owner_reference
from fairlead.applicationset_controller.following.child import Child
from fairlead.model.applicationset import ApplicationSet
from fairlead.model.errors import MalformedObjectError


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`creates` and `updates` are to be written; `absent` are the set's own that it wants no more.

    `awaited` are wanted but on their way out; `problems` are those that nothing is done to, and why.
    """

    creates: tuple[Wanted, ...] = ()
    updates: tuple[Wanted, ...] = ()
    absent: tuple[Child, ...] = ()
    awaited: tuple[str, ...] = ()
    problems: Mapping[str, str] = {}


def plan(
    aset: ApplicationSet,
    found: Sequence[Wanted],
    children: Mapping[str, Child],
    *,
    problems: Mapping[str, str],
    preserved: Preserved,
    policy: Policy,
) -> Plan:
    """Compare what is wanted with what is there."""
    creates, updates, awaited = [], [], []
    unreadable: dict[str, str] = {}
    for app in found:
        child = children.get(app.name)
        if app.name in problems:
            continue
        if child is None:
            creates.append(app)
        elif child.is_deleting:
            awaited.append(app.name)
        elif policy.updates or whose(child, aset.metadata) is Whose.FORMER:
            try:
                change = changed(aset, app, child, preserved)
            except MalformedObjectError as error:
                unreadable[app.name] = f"Application {app.name} cannot be read: {error}"
                continue
            if change is not None:
                updates.append(app)
    names = {app.name for app in found}
    absent = (
        child
        for name, child in children.items()
        if name not in names and not child.is_deleting and whose(child, aset.metadata) is Whose.OURS
    )
    return Plan(
        creates=tuple(creates),
        updates=tuple(updates),
        absent=tuple(sorted(absent, key=lambda child: child.name)) if policy.deletes else (),
        awaited=tuple(awaited),
        problems={**problems, **unreadable},
    )


def changed(aset: ApplicationSet, app: Wanted, child: Child, preserved: Preserved) -> Desired | None:
    """What an Application is to be, None when it is. Raises MalformedObjectError."""
    if child.problem:
        raise MalformedObjectError("Application", child.problem)
    to_be = desired(app, child, owner_reference(aset), preserved)
    return to_be if differs(to_be, current(child)) else None
