"""What is to be sent of an application now, and what it is to forget: pure, from outcomes and memory.

Invariant: a condition that could not be judged sends nothing and forgets nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from fairlead.notices.configuration.configuration import Condition, Configuration
from fairlead.notices.environment import Outcome
from fairlead.notices.judging.memory import condition_key, memory_key
from fairlead.notices.judging.subscriptions import Destination

FROM_NOTHING: Final = "from <nil>"
"""What the engine says of a field of something that is not there, as the operation of one never synced. As a
`oncePer` that is no value: the condition is told once while it holds, as Argo CD tells it."""


class Send(msgspec.Struct, frozen=True, kw_only=True):
    """One message that is due. `key` is what remembers it."""

    key: str
    trigger: str
    templates: tuple[str, ...]
    service: str
    recipient: str
    stays: bool = False
    """Whether it is remembered when its condition is over too: the value of `oncePer` tells it apart."""


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """One condition of a trigger: its key, whether it holds, and the value of its `oncePer`, if any."""

    trigger: str
    condition: Condition
    key: str
    holds: bool = False
    once_per: str | None = None
    problem: str = ""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """`forgets` and `in_force` are keys of the memory: to be dropped, and those whose condition holds."""

    sends: tuple[Send, ...] = ()
    forgets: frozenset[str] = frozenset()
    in_force: frozenset[str] = frozenset()
    problems: tuple[str, ...] = ()


def texts_of(
    configuration: Configuration, triggers: Sequence[str], *, has_event: bool = False
) -> tuple[str, ...]:
    """The expressions of these triggers; without an event not those that look at one."""
    found: dict[str, None] = {}
    for name in triggers:
        for condition in configuration.triggers.get(name, ()):
            if condition.is_of_event and not has_event:
                continue
            found |= dict.fromkeys(text for text in (condition.when, condition.once_per) if text)
    return tuple(found)


def evaluations(
    configuration: Configuration, trigger: str, outcomes: Mapping[str, Outcome], *, event: str = ""
) -> tuple[Evaluation, ...]:
    """The conditions of a trigger with what they came to. `event` is the id of the event they may look at;
    one that looks at it is told once for each event, unless its `oncePer` says otherwise."""
    return tuple(
        _evaluation(trigger, index, condition, outcomes, event if condition.is_of_event else "")
        for index, condition in enumerate(configuration.triggers.get(trigger, ()))
        if event or not condition.is_of_event
    )


def decide(
    configuration: Configuration,
    destinations: Sequence[Destination],
    judged: Mapping[str, Sequence[Evaluation]],
    is_remembered: Callable[[str], bool],
) -> Decision:
    """What follows for one application from the conditions of its triggers, by trigger."""
    own = configuration.namespace if configuration.is_own else ""
    sends: list[Send] = []
    forgets: set[str] = set()
    in_force: set[str] = set()
    problems: dict[str, None] = {}
    for to in destinations:
        if to.trigger not in configuration.triggers:
            problems[f"trigger {to.trigger!r} is subscribed to and not configured"] = None
            continue
        if to.service not in configuration.services:
            problems[f"service {to.service!r} is subscribed to and not configured"] = None
        for one in judged.get(to.trigger, ()):
            key = memory_key(to.trigger, one.key, to.service, to.recipient, once_per=one.once_per, own=own)
            if one.problem:
                problems[one.problem] = None
                in_force.add(key)
                continue
            if not one.holds:
                if not one.once_per and is_remembered(key):
                    forgets.add(key)
                continue
            in_force.add(key)
            if to.service in configuration.services and not is_remembered(key):
                send = Send(
                    key=key,
                    trigger=to.trigger,
                    templates=one.condition.send,
                    service=to.service,
                    recipient=to.recipient,
                    stays=bool(one.once_per),
                )
                sends.append(send)
    return Decision(
        sends=tuple(sends),
        forgets=frozenset(forgets - in_force),
        in_force=frozenset(in_force),
        problems=tuple(problems),
    )


def _evaluation(
    trigger: str, index: int, condition: Condition, outcomes: Mapping[str, Outcome], event: str
) -> Evaluation:
    key = condition_key(index, condition.when)
    where = f"trigger {trigger!r}, condition {index + 1}"
    when = outcomes.get(condition.when, Outcome())
    if when.problem:
        return Evaluation(trigger=trigger, condition=condition, key=key, problem=f"{where}: {when.problem}")
    if not condition.once_per:
        return Evaluation(
            trigger=trigger, condition=condition, key=key, holds=when.holds, once_per=event or None
        )
    once = outcomes.get(condition.once_per, Outcome())
    if FROM_NOTHING in once.problem:
        return Evaluation(
            trigger=trigger, condition=condition, key=key, holds=when.holds, once_per=event or None
        )
    if once.problem and when.holds:
        problem = f"{where}, oncePer: {once.problem}"
        return Evaluation(trigger=trigger, condition=condition, key=key, problem=problem)
    return Evaluation(trigger=trigger, condition=condition, key=key, holds=when.holds, once_per=once.text)
