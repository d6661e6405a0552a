"""What a payload tells, as generators of ApplicationSets are asked about it."""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.matching.generators import Happening, Kind
from fairlead.matching.repository import is_artifact
from fairlead.matching.webhook import repository_named
from fairlead.webhooks.push import Push, Told


def happenings(told: Iterable[Told]) -> list[Happening]:
    """One for each repository that is named."""
    found = []
    for each in told:
        named = tuple(dict.fromkeys(name for url in each.urls if (name := repository_named(url))))
        if named:
            refs = each.refs if isinstance(each, Push) else ()
            found.append(Happening(kind=_kind(each), repositories=named, refs=refs))
    return found


def _kind(told: Told) -> Kind:
    if not isinstance(told, Push):
        return "merge"
    return "artifact" if any(is_artifact(url) for url in told.urls) else "push"
