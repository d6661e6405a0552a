"""Resource actions as argocd-cm configures them (contract 8.4).

Invariant: what cannot be read is a problem in words, and no action.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

import msgspec


class ActionRules(msgspec.Struct, frozen=True, kw_only=True):
    """The Lua of one kind: which actions there are for an object, and what each does."""

    discovery: str = ""
    scripts: Mapping[str, str] = {}
    merge_builtin: bool = False


class KindActions(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of a kind; group and kind may hold `*`."""

    group: str
    kind: str
    rules: ActionRules

    def is_for(self, group: str, kind: str) -> bool:
        """Whether the rules are this kind's."""
        return fnmatchcase(group, self.group or "") and fnmatchcase(kind, self.kind)


def action_rules(value: Any) -> ActionRules | None:
    """The rules of one YAML value; None when it is none."""
    if not isinstance(value, dict):
        return None
    definitions = value.get("definitions") or []
    if not isinstance(definitions, list):
        return None
    scripts = {
        str(item.get("name", "")): str(item.get("action.lua", ""))
        for item in definitions
        if isinstance(item, dict)
    }
    return ActionRules(
        discovery=str(value.get("discovery.lua", "")),
        scripts=scripts,
        merge_builtin=value.get("mergeBuiltinActions") is True,
    )


def configured(kinds: Iterable[KindActions], group: str, kind: str) -> ActionRules | None:
    """The rules of a kind: those that name it, before those that match it."""
    found = [item for item in kinds if item.is_for(group, kind)]
    exact = [item for item in found if (item.group, item.kind) == (group, kind)]
    return (exact or found)[0].rules if found else None
