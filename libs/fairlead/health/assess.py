"""The health of one live object: the rule for its kind, or that it is on its way out.

Invariant: an object of a kind without rule has no health (None) unless it is being deleted; having none is
different from being healthy, and does not count for the application.
"""

from __future__ import annotations

from collections.abc import Callable

from fairlead.health.custom import judge_of
from fairlead.health.kinds import RULES
from fairlead.health.status import Health, progressing, unknown
from fairlead.manifest.errors import IdentityError
from fairlead.manifest.fields import Manifest, list_at, value_at
from fairlead.manifest.identity import GroupKind, gvk_of

HOOK_FINALIZER = "argocd.argoproj.io/hook-finalizer"

Override = Callable[[Manifest], Health | None]
"""A configured rule for a kind (a Lua script run elsewhere, say); its None means no health."""


def assess(obj: Manifest, *, override: Override | None = None) -> Health | None:
    """The object's health, or None when its kind has no rule.

    ``override`` replaces the built-in rule. Built-in rules accept only the versions they were written for;
    others are Unknown.
    """
    if is_terminating(obj):
        return leaving(obj)
    if override is not None:
        return override(obj)
    try:
        gvk = gvk_of(obj)
    except IdentityError:
        return None
    rule = RULES.get(gvk.group_kind)
    if rule is None:
        judge = judge_of(gvk.group, gvk.kind)
        return judge.assess(obj) if judge is not None else None
    if rule.versions and gvk.version not in rule.versions:
        return unknown(f"unsupported {gvk.kind} GVK: {gvk}")
    return rule.assess(obj)


def has_rule(group: str, kind: str) -> bool:
    """Whether objects of a kind have health at all."""
    return GroupKind(group, kind) in RULES or judge_of(group, kind) is not None


def is_terminating(obj: Manifest) -> bool:
    """Whether the object is being deleted; a hook held by our own finalizer is not counted as such."""
    if not value_at(obj, "metadata", "deletionTimestamp"):
        return False
    return HOOK_FINALIZER not in list_at(obj, "metadata", "finalizers")


def leaving(obj: Manifest) -> Health:
    """The health of what is being deleted."""
    finalizers = [str(name) for name in list_at(obj, "metadata", "finalizers")]
    if not finalizers:
        return progressing("Pending deletion")
    return progressing(f"Pending deletion; blocked by finalizers: {', '.join(finalizers)}")
