"""Fields of Applications that a set does not overwrite: `ignoreApplicationDifferences` (contract 4).

Invariant: a rule that cannot be read is words on its Application, which is left as it is then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from fairlead.applicationset_controller.applying.change import Desired, differs
from fairlead.diff.fieldset import MISSING
from fairlead.diff.ignore import parse_pointer
from fairlead.diff.respect import Steps
from fairlead.model.applicationset import ApplicationIgnoreDifferences, ApplicationSetSpec


class Jq(Protocol):
    """Where the fields are that a jq expression names. Raises IgnoreRuleError."""

    async def paths(
        self, expressions: Sequence[str], objects: Sequence[Any]
    ) -> tuple[tuple[Steps, ...], ...]: ...


def rules_for(spec: ApplicationSetSpec, name: str) -> tuple[ApplicationIgnoreDifferences, ...]:
    """The rules about an Application: those that name it, and those that name none."""
    return tuple(rule for rule in spec.ignore_application_differences if rule.name in ("", name))


async def unless_ignored(
    to_be: Desired, there: Desired, rules: Sequence[ApplicationIgnoreDifferences], jq: Jq
) -> Desired | None:
    """What is to be written with the fields of these rules as they are; None when nothing else differs.

    Raises IgnoreRuleError.
    """
    if not rules:
        return to_be
    wanted, live = _object(to_be), _object(there)
    pointers = [parse_pointer(text) for rule in rules for text in rule.json_pointers]
    paths = {_steps(pointer, wanted, live) for pointer in pointers}
    expressions = [text for rule in rules for text in rule.jq_path_expressions]
    if expressions:
        paths.update(*await jq.paths(expressions, [wanted, live]))
    for path in sorted(paths, key=len):
        wanted = _as_it_is(wanted, live, path)
    kept = _desired(wanted, to_be)
    return kept if differs(kept, there) else None


def _steps(pointer: tuple[str, ...], *objects: Any) -> Steps:
    """A JSON pointer says of no step whether it is a name or a place; the objects do."""
    steps: list[str | int] = []
    for text in pointer:
        is_place = text.isdecimal() and any(isinstance(value, list) for value in objects)
        steps.append(int(text) if is_place else text)
        objects = tuple(_at(value, steps[-1]) for value in objects)
    return tuple(steps)


def _at(value: Any, step: str | int) -> Any:
    if isinstance(step, str):
        return value.get(step, MISSING) if isinstance(value, dict) else MISSING
    return value[step] if isinstance(value, list) and 0 <= step < len(value) else MISSING


def _as_it_is(value: Any, live: Any, path: Steps) -> Any:
    """A copy of a value with what lives at a path: there too when it is only there, gone when it is not."""
    step, rest = path[0], path[1:]
    found, was = _at(live, step), _at(value, step)
    if found is MISSING:
        return _without(value, step, was) if not rest else value
    if rest:
        if was is MISSING and not isinstance(found, dict):
            return value
        found = _as_it_is({} if was is MISSING else was, found, rest)
    if isinstance(step, str) and isinstance(value, dict):
        return {**value, step: found}
    if isinstance(step, int) and isinstance(value, list) and step < len(value):
        return [*value[:step], found, *value[step + 1 :]]
    return value


def _without(value: Any, step: str | int, was: Any) -> Any:
    if was is MISSING:
        return value
    if isinstance(step, str):
        return {name: item for name, item in value.items() if name != step}
    return [*value[:step], *value[step + 1 :]]


def _object(state: Desired) -> dict[str, Any]:
    metadata = {
        "labels": state.labels,
        "annotations": state.annotations,
        "finalizers": list(state.finalizers),
    }
    return {"metadata": metadata, "spec": state.spec}


def _desired(obj: dict[str, Any], to_be: Desired) -> Desired:
    metadata = obj.get("metadata", {})
    return Desired(
        labels=metadata.get("labels", {}),
        annotations=metadata.get("annotations", {}),
        finalizers=tuple(metadata.get("finalizers", ())),
        owners=to_be.owners,
        spec=obj.get("spec", {}),
    )
