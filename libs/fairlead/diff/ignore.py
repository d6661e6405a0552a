"""Fields the user asked us not to look at: ``ignoreDifferences``.

Invariant: a rule only ever removes; it is applied to both sides alike. ``jqPathExpressions`` are carried here
but evaluated by who asks, over both sides, before :func:`fairlead.diff.dry_run.interpret` sees them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

import msgspec

from fairlead.diff.errors import IgnoreRuleError
from fairlead.manifest.digest import digest
from fairlead.manifest.identity import ResourceKey
from fairlead.model.status import ResourceIgnoreDifferences

ANNOTATION = "argocd.argoproj.io/ignore-differences"
MAX_POINTER_STEPS = 64


class Ignored(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What is left out of the comparison of one object."""

    pointers: tuple[tuple[str, ...], ...] = ()
    jq_expressions: tuple[str, ...] = ()
    managers: tuple[str, ...] = ()

    @cached_property
    def fingerprint(self) -> str:
        """Changes when what is ignored changes; empty when nothing is."""
        parts = (self.pointers, self.jq_expressions, self.managers)
        return digest(parts) if any(parts) else ""


NOTHING = Ignored()


def ignored_for(
    key: ResourceKey, rules: Iterable[ResourceIgnoreDifferences], *, annotation: tuple[str, ...] = ()
) -> Ignored:
    """Everything ignored for one object. ``annotation`` are the pointers its own annotation lists.

    Raises :class:`IgnoreRuleError` for a malformed JSON pointer.
    """
    matching = [rule for rule in rules if applies(rule, key)]
    if not matching and not annotation:
        return NOTHING
    texts = [text for rule in matching for text in rule.json_pointers]
    return Ignored(
        pointers=tuple(parse_pointer(text) for text in (*texts, *annotation)),
        jq_expressions=tuple(text for rule in matching for text in rule.jq_path_expressions),
        managers=tuple(name for rule in matching for name in rule.managed_fields_managers),
    )


def applies(rule: ResourceIgnoreDifferences, key: ResourceKey) -> bool:
    """Whether a rule is about an object: group and kind are globs, name and namespace exact or empty."""
    return (
        fnmatchcase(key.group, rule.group)
        and fnmatchcase(key.kind, rule.kind)
        and rule.name in ("", key.name)
        and rule.namespace in ("", key.namespace)
    )


def parse_pointer(text: str) -> tuple[str, ...]:
    """The steps of an RFC 6901 pointer. Raises :class:`IgnoreRuleError`."""
    if not text.startswith("/"):
        raise IgnoreRuleError(f'JSON pointer "{text}" must start with "/"')
    steps = tuple(step.replace("~1", "/").replace("~0", "~") for step in text[1:].split("/"))
    if len(steps) > MAX_POINTER_STEPS:
        raise IgnoreRuleError(f'JSON pointer "{text}" has more than {MAX_POINTER_STEPS} steps')
    return steps


def without_pointers(obj: Mapping[str, Any], pointers: Iterable[tuple[str, ...]]) -> dict[str, Any]:
    """A copy without what the pointers name; the argument is left alone, what is not there is passed over."""
    result: Any = dict(obj)
    for pointer in pointers:
        result = _without(result, pointer)
    return result  # type: ignore[no-any-return] # a map stays a map


def _without(value: Any, steps: tuple[str, ...]) -> Any:
    step, rest = steps[0], steps[1:]
    if isinstance(value, Mapping) and step in value:
        if rest:
            return {**value, step: _without(value[step], rest)}
        return {name: item for name, item in value.items() if name != step}
    if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
        at = int(step)
        return [*value[:at], *([_without(value[at], rest)] if rest else []), *value[at + 1 :]]
    return value
