"""An application's health from its objects': the worst one that counts, and who caused it.

Invariant: what is not there never makes an application worse than Missing, and only when nothing is there at
all; a single absent object is a matter of being in sync, not of health.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from fairlead.health.status import Code, Health, is_worse
from fairlead.manifest.identity import GroupKind, ResourceKey

IGNORE_HEALTHCHECK = "argocd.argoproj.io/ignore-healthcheck"
APPLICATION = GroupKind("argoproj.io", "Application")
MAX_CAUSES = 3
"""Objects named in an application's health message."""


class Assessed(msgspec.Struct, frozen=True, kw_only=True):
    """One object an application manages, with its health.

    ``live`` is whether it exists; ``ignored`` that it carries ``ignore-healthcheck: "true"``. Hooks and lone
    ``Skip`` objects are not to be passed at all.
    """

    key: ResourceKey
    health: Health | None
    live: bool = True
    ignored: bool = False


def aggregate(objects: Iterable[Assessed], *, itself: ResourceKey | None = None) -> Health:
    """The application's health. ``itself`` is the Application's own key, for one that manages itself."""
    code, causes = Code.HEALTHY, []
    expected = found = 0
    for item in objects:
        expected += 1
        found += item.live
        if not item.live or not _counts(item, itself) or item.health is None:
            continue
        if is_worse(item.health.status, code):
            code, causes = item.health.status, [item.key]
        elif item.health.status is code:
            causes.append(item.key)
    if expected and not found and is_worse(Code.MISSING, code):
        return Health(Code.MISSING)
    if code in (Code.HEALTHY, Code.MISSING):
        return Health(code)
    return Health(code, _caused_by(causes))


def _counts(item: Assessed, itself: ResourceKey | None) -> bool:
    if item.ignored or item.key == itself:
        return False
    nested = item.key.group_kind == APPLICATION
    return not (nested and item.health is not None and item.health.status in (Code.MISSING, Code.UNKNOWN))


def _caused_by(causes: list[ResourceKey]) -> str:
    named = ", ".join(_name(key) for key in causes[:MAX_CAUSES])
    rest = len(causes) - MAX_CAUSES
    return f"Caused by {named}, ... and {rest} more" if rest > 0 else f"Caused by {named}"


def _name(key: ResourceKey) -> str:
    place = f"{key.namespace}/{key.name}" if key.namespace else key.name
    return f"{key.group_kind}:{place}"
