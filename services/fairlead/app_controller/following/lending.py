"""What is lent to applications for after their build: keys that decrypt, and variables.

Invariant: an application is lent only what names its project, and a wish says which version of it. What an
annotation asks for and may not have, or is not there, is a problem of the application's, never left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from fairlead.events import AfterBuild, Lent, RepositoryCredentials
from fairlead.events.after_build import (
    DECRYPTION,
    SUBSTITUTE,
    SUBSTITUTE_FROM,
    VARIABLES,
    VARIABLES_MAP,
)
from fairlead.model.application import Application

EVERY = "*"
MAX_NAMED = 32
"""Maps and Secrets that an application may name."""
_KINDS = {"ConfigMap": VARIABLES_MAP, "Secret": VARIABLES}

Entries = Mapping[str, RepositoryCredentials]


def entry_of_map(name: str) -> str:
    """The name of a ConfigMap's entry: no Secret can be called so."""
    return f"ConfigMap/{name}"


class Lending:
    """What applications are lent, of the `entries` of this moment."""

    def __init__(self, entries: Callable[[], Entries]) -> None:
        self._entries = entries

    def of(self, app: Application) -> AfterBuild | None:
        """What is done to an application's manifests; None for nothing."""
        project, marks = app.spec.project or "default", app.metadata.annotations
        entries = self._entries()
        keys = tuple(
            Lent(entry=name, version=one.version)
            for name, one in sorted(entries.items())
            if one.secret_type == DECRYPTION and is_for(one.projects, project)
        )
        named, text = marks.get(SUBSTITUTE_FROM, ""), marks.get(SUBSTITUTE, "")
        if not (keys or named or text):
            return None
        try:
            own = msgspec.json.decode(text, type=dict[str, str]) if text else {}
            variables = tuple(_variables(named, project, entries))
        except (msgspec.DecodeError, ValueError) as error:
            problem = f"annotation {SUBSTITUTE if text and not named else SUBSTITUTE_FROM}: {error}"
            return AfterBuild(keys=keys, problem=problem)
        return AfterBuild(keys=keys, variables=variables, own=own, substitutes=bool(named or text))


def is_for(projects: Iterable[str], project: str) -> bool:
    """Whether something that names these projects may be used by one."""
    return any(name in (EVERY, project) for name in projects)


def _variables(named: str, project: str, entries: Entries) -> Iterable[Lent]:
    """Raises ValueError for what may not be had."""
    names = [name.strip() for name in named.split(",") if name.strip()]
    if len(names) > MAX_NAMED:
        raise ValueError(f"more than {MAX_NAMED} names")
    for item in names:
        kind, _, name = item.removesuffix("?").partition("/")
        if kind not in _KINDS or not name:
            raise ValueError(f"{item[:100]!r} is none of ConfigMap/name and Secret/name")
        key = entry_of_map(name) if kind == "ConfigMap" else name
        one = entries.get(key)
        if one is not None and one.secret_type == _KINDS[kind] and is_for(one.projects, project):
            yield Lent(entry=key, version=one.version)
        elif not item.endswith("?"):
            raise ValueError(f"{kind} {name} with variables for project {project} is not there")
