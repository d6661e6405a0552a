"""Which step of a rolling sync an Application belongs to, how many may move in it, what is wrong with steps.

Invariant: what cannot be read selects nothing and lets nothing begin (contract 4, RollingSync).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from fairlead.model.applicationset import ApplicationMatchExpression, RolloutStep

NONE: Final = "-1"
"""The step of an Application that no step selects; it is never synced by its set."""
OPERATORS: Final = ("In", "NotIn")
_PERCENT: Final = re.compile(r"[0-9]{1,9}%")

Labels = Mapping[str, str]


def steps_of(steps: Sequence[RolloutStep], labels: Labels) -> list[int]:
    """The numbers, from 1, of all steps that select an Application with these labels."""
    return [
        number
        for number, step in enumerate(steps, 1)
        if all(_holds(expression, labels) for expression in step.match_expressions)
    ]


def step_of(steps: Sequence[RolloutStep], labels: Labels) -> str:
    """The step that an Application belongs to: the first that selects it."""
    found = steps_of(steps, labels)
    return str(found[0]) if found else NONE


def most_at_once(step: RolloutStep, total: int) -> int:
    """How many of the `total` Applications of a step may be on their way at once.

    Percentages are rounded down, to one at least unless it is 0%. Raises ValueError.
    """
    most = step.max_update
    if most is None:
        return total
    if isinstance(most, int):
        return max(most, 0)
    if not _PERCENT.fullmatch(most):
        raise ValueError(f"invalid maxUpdate: {most!r}")
    percent = int(most[:-1])
    return min(max(percent * total // 100, 1), total) if percent else 0


def config_problem(steps: Sequence[RolloutStep], apps: Mapping[str, Labels]) -> str:
    """What is wrong with the steps, in the words of contract 4; "" for nothing."""
    return (
        _wrong_operator(steps)
        or _selected_twice(steps, apps)
        or _wrong_number(steps)
        or _without_applications(steps, apps)
    )


def _wrong_operator(steps: Sequence[RolloutStep]) -> str:
    for number, step in enumerate(steps, 1):
        operators = (expression.operator for expression in step.match_expressions)
        wrong = sorted({operator for operator in operators if operator not in OPERATORS})
        if wrong:
            return (
                f"Step {number} has invalid matchExpression operators: {', '.join(wrong)}. "
                "Supported Operators are 'In' and 'NotIn'"
            )
    return ""


def _selected_twice(steps: Sequence[RolloutStep], apps: Mapping[str, Labels]) -> str:
    for name in sorted(apps):
        found = steps_of(steps, apps[name])
        if len(found) > 1:
            return f"Application '{name}' is selected by multiple steps: ({found[0]}-{found[1]})"
    return ""


def _wrong_number(steps: Sequence[RolloutStep]) -> str:
    for number, step in enumerate(steps, 1):
        try:
            most_at_once(step, 1)
        except ValueError:
            return f"Step {number} has an invalid maxUpdate value: {step.max_update}"
    return ""


def _without_applications(steps: Sequence[RolloutStep], apps: Mapping[str, Labels]) -> str:
    used = {step_of(steps, labels) for labels in apps.values()}
    empty = [str(number) for number in range(1, len(steps) + 1) if str(number) not in used]
    return f"Steps [{' '.join(empty)}] have no applications matching their criteria" if empty else ""


def _holds(expression: ApplicationMatchExpression, labels: Labels) -> bool:
    value = labels.get(expression.key)
    if expression.operator == "In":
        return value is not None and value in expression.values
    if expression.operator == "NotIn":
        return value is None or value not in expression.values
    return False
