"""The judgement of messages: what has to have arrived, how often, in which order, and where. Pure."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tests.chaos.post import Arrival
from tests.chaos.sets import MARK
from tests.chaos.workload import SUBSCRIBE

SLACK = 1.0
"""Seconds: a process that is killed while its message is being taken dies a moment before that is seen."""
Told = tuple[str, str]
"""A receiver, and a trigger: what an Application is subscribed to."""
Disturbed = tuple[float, float]
"""From when until when one who sends was dead, frozen or cut off."""


def untold(apps: Iterable[Mapping[str, Any]], arrivals: Sequence[Arrival]) -> list[str]:
    """I18, at rest: of each subscribed Application, what it was deployed to, or failed at, was told."""
    came = {(one.uid, one.receiver, one.trigger, one.key) for one in arrivals}
    found = []
    for app in apps:
        metadata, status = app["metadata"], app.get("status", {})
        state = status.get("operationState") or {}
        is_healthy = status.get("health", {}).get("status") == "Healthy"
        for receiver, trigger in subscriptions(app):
            if trigger == "deployed" and state.get("phase") == "Succeeded" and is_healthy:
                key = (state.get("syncResult") or {}).get("revision")
            elif trigger == "failed" and state.get("phase") in {"Error", "Failed"}:
                key = state.get("startedAt")
            else:
                continue
            if (metadata["uid"], receiver, trigger, key) not in came:
                found.append(f"I18: {receiver} was not told that {metadata['name']} {trigger}, {key}")
    return found


def subscriptions(app: Mapping[str, Any]) -> Iterator[Told]:
    """What an Application is subscribed to, by its annotations and by the selector of all."""
    for name in app["metadata"].get("annotations") or {}:
        if name.startswith(f"{SUBSCRIBE}.on-"):
            trigger, _, receiver = name.removeprefix(f"{SUBSCRIBE}.on-").partition(".")
            yield receiver, trigger
    if (app["metadata"].get("labels") or {}).get(MARK) == "rolling":
        yield "third", "deployed"


def told_again(arrivals: Iterable[Arrival], disturbed: Sequence[Disturbed]) -> list[str]:
    """I19: a message that was answered comes again only where who sent it was disturbed meanwhile, once each
    time."""
    by_key: dict[tuple[str, ...], list[Arrival]] = defaultdict(list)
    for one in arrivals:
        by_key[one.uid, one.receiver, one.trigger, one.key].append(one)
    found = []
    for came in by_key.values():
        for first, second in itertools.pairwise(came):
            if first.answered and not any(
                begin <= second.at and end >= first.at - SLACK for begin, end in disturbed
            ):
                found.append(
                    f"I19: {first.receiver} was told at {first.at:.3f} and again at {second.at:.3f} that "
                    f"{first.app} {first.trigger}, {first.key}"
                )
    return found


def out_of_order(arrivals: Iterable[Arrival]) -> list[str]:
    """I20: of one Application a receiver is told in the order in which it happened."""
    last: dict[tuple[str, str, str], Arrival] = {}
    came: set[tuple[str, ...]] = set()
    found = []
    for one in arrivals:
        key = one.uid, one.receiver, one.trigger
        if (*key, one.key) in came:
            continue
        came.add((*key, one.key))
        before = last.get(key)
        if before is not None and one.order < before.order:
            found.append(
                f"I20: {one.receiver} was told of {one.app} {one.key} of {one.order} after {before.order}"
            )
        last[key] = one
    return found


def misdirected(arrivals: Iterable[Arrival], wanted: Mapping[str, set[Told]]) -> list[str]:
    """I21: nobody is told of what they are not subscribed to, and none without its secret. `wanted` is by
    name, or by the beginning of names, of Applications."""
    found: dict[str, str] = {}
    for one in arrivals:
        told = {pair for name, pairs in wanted.items() if one.app.startswith(name) for pair in pairs}
        if (one.receiver, one.trigger) not in told:
            found.setdefault(
                f"{one.app} {one.receiver}", f"I21: {one.receiver} was told that {one.app} {one.trigger}"
            )
        if not one.authorized:
            found.setdefault("token", f"I21: {one.receiver} was told of {one.app} without its token")
    return list(found.values())
