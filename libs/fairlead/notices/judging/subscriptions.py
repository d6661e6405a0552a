"""Who hears of an application's triggers: annotations of it and of its project, and subscriptions of all.

Invariant: an annotation that cannot be read subscribes nobody, is said, and costs no other one anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import yaml

from fairlead.manifest.yaml_document import document
from fairlead.notices.configuration.configuration import Configuration
from fairlead.notices.configuration.read import split_recipient

SUBSCRIBE: Final = "notifications.argoproj.io/subscribe."
SUBSCRIPTIONS: Final = "notifications.argoproj.io/subscriptions"
LEGACY: Final = "recipients.argocd-notifications.argoproj.io"
MAX_WISHES: Final = 500
"""Destinations that the annotations of one object may name."""


class UnreadableError(ValueError):
    """An annotation that says nothing we know."""


class Wish(NamedTuple):
    """One trigger, "" for the default ones, and where it is to be told."""

    trigger: str
    service: str
    recipient: str


class Destination(NamedTuple):
    """Where a trigger of an application is told."""

    trigger: str
    service: str
    recipient: str


class Wishes(NamedTuple):
    """What annotations ask for, and words on those that cannot be read."""

    wishes: tuple[Wish, ...] = ()
    problems: tuple[str, ...] = ()


def is_about(name: str) -> bool:
    """Whether an annotation subscribes somebody."""
    return name.startswith(SUBSCRIBE) or name == SUBSCRIPTIONS or name.endswith(LEGACY)


def wishes_of(annotations: Mapping[str, str]) -> Wishes:
    """What the annotations of an Application or an AppProject ask for, in any spelling."""
    wishes: dict[Wish, None] = {}
    problems = []
    for name in sorted(filter(is_about, annotations)):
        try:
            wishes |= dict.fromkeys(_of(name, annotations[name] or ""))
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            problems.append(f"{name}: {' '.join(str(error).split())[:200]}")
    if len(wishes) > MAX_WISHES:
        problems.append(f"only {MAX_WISHES} of the {len(wishes)} destinations that are named are told")
    return Wishes(tuple(wishes)[:MAX_WISHES], tuple(problems))


def destinations_of(
    configuration: Configuration, labels: Mapping[str, str], *wishes: Wishes
) -> tuple[Destination, ...]:
    """Each destination once, in a settled order."""
    found: dict[Destination, None] = {}
    for subscription in configuration.subscriptions:
        if subscription.selector.matches(labels):
            for trigger in subscription.triggers or configuration.default_triggers:
                for service, recipient in subscription.recipients:
                    found[Destination(trigger, service, recipient)] = None
    for each in wishes:
        for wish in each.wishes:
            for trigger in configuration.triggers_of(wish.trigger, wish.service):
                found[Destination(trigger, wish.service, wish.recipient)] = None
    return tuple(found)


def _of(name: str, value: str) -> Iterator[Wish]:
    if name == SUBSCRIPTIONS:
        yield from _long(document(value) if value.strip() else None)
    elif name.startswith(SUBSCRIBE):
        first, _, rest = name.removeprefix(SUBSCRIBE).partition(".")
        trigger, service = (first, rest.split(".")[0]) if rest else ("", first)
        for recipient in _split(value):
            yield Wish(trigger, service, recipient)
    else:
        trigger = name[: -len(LEGACY)].rstrip(".")
        for text in value.split(","):
            if text.strip():
                yield Wish(trigger, *split_recipient(text.strip()))


def _split(value: str) -> tuple[str, ...]:
    """What stands between semicolons; one empty recipient where nothing does, as webhooks need none."""
    return tuple(part for each in value.split(";") if (part := each.strip())) or ("",)


def _long(found: Any) -> Iterator[Wish]:
    if found is None:
        return
    if not isinstance(found, list):
        raise UnreadableError("is not a list")
    for item in found:
        if not isinstance(item, dict):
            raise UnreadableError("holds what is not a map")
        triggers = _texts(item.get("trigger", item.get("triggers"))) or ("",)
        destinations = item.get("destinations") or []
        if not isinstance(destinations, list):
            raise UnreadableError("destinations is not a list")
        for each in destinations:
            if not isinstance(each, dict) or not isinstance(each.get("service"), str):
                raise UnreadableError("a destination has no text `service`")
            recipients = _texts(each["recipients"]) if "recipients" in each else ("",)
            for trigger in triggers:
                for recipient in recipients:
                    yield Wish(trigger, each["service"], recipient)


def _texts(found: Any) -> tuple[str, ...]:
    if found is None:
        return ()
    if isinstance(found, str | int | float):
        return (str(found),)
    if not isinstance(found, list) or not all(isinstance(item, str | int | float) for item in found):
        raise UnreadableError("holds what is not a list of texts")
    return tuple(str(item) for item in found)
