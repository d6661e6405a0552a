"""A generator's `selector`: which of the sets of parameters that it came to are taken.

Values may be anything, such as addresses, unlike those of labels. Invariant: what cannot be read is an error;
read as selecting nothing it would delete what was generated before.
"""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.applicationset_controller.generating.errors import GeneratorError
from fairlead.applicationset_controller.generating.parameters import Params, flattened
from fairlead.matching.labels import selects
from fairlead.model.metadata import LabelSelector, LabelSelectorRequirement

_WITH_VALUES = frozenset(("In", "NotIn"))
_WITHOUT = frozenset(("Exists", "DoesNotExist"))


def selected(selector: LabelSelector | None, sets: Iterable[Params]) -> list[Params]:
    """The sets whose parameters, by their dotted paths, are what is asked for. Raises GeneratorError."""
    if selector is None:
        return list(sets)
    require_readable(selector)
    return [params for params in sets if selects(selector, flattened(params))]


def require_readable(selector: LabelSelector) -> None:
    """Raises GeneratorError."""
    for requirement in selector.match_expressions:
        problem = _problem(requirement)
        if problem:
            raise GeneratorError(f"error parsing label selector: {problem}")


def _problem(requirement: LabelSelectorRequirement) -> str:
    operator, values = requirement.operator, requirement.values
    if operator not in _WITH_VALUES | _WITHOUT:
        return f'"{operator}" is not a valid label selector operator'
    if not requirement.key:
        return f"a condition with the operator {operator} names no key"
    if operator in _WITH_VALUES and not values:
        return f"values of {requirement.key}: for 'in', 'notin' operators, values set can't be empty"
    if operator in _WITHOUT and values:
        return f"values of {requirement.key}: values set must be empty for exists and does not exist"
    return ""
