"""The form before 1.0: `config.yaml` of the ConfigMap, `notifiers.yaml` of the Secret, which are still read.

Invariant: they are turned into what the present form would say, and what that says of the same name wins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

CONFIG: Final = "config.yaml"
NOTIFIERS: Final = "notifiers.yaml"
_KINDS: Final = ("email", "slack", "opsgenie", "grafana")


class Old(msgspec.Struct, frozen=True, kw_only=True):
    """A template, or the conditions of a trigger, in the present form."""

    name: str
    template: dict[str, Any] | None = None
    conditions: list[dict[str, Any]] | None = None
    is_default: bool = False


def legacy_config(found: Mapping[str, Any]) -> Iterator[Old]:
    """What `config.yaml` says. A trigger that is not switched off is one of the default ones."""
    for item in _maps(found.get("templates")):
        yield Old(name=str(item.get("name") or ""), template=_template(item))
    for item in _maps(found.get("triggers")):
        name, when = str(item.get("name") or ""), item.get("condition")
        send = [str(item["template"])] if item.get("template") else []
        one = {"when": when, "send": send, "description": item.get("description")}
        yield Old(name=name, conditions=[one], is_default=item.get("enabled") is not False)


def legacy_services(found: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Name, type and options of what `notifiers.yaml` says."""
    for kind in _KINDS:
        if found.get(kind) is not None:
            yield kind, kind, found[kind]
    for item in _maps(found.get("webhook")):
        options = {key: value for key, value in item.items() if key != "name"}
        yield str(item.get("name") or "webhook"), "webhook", options


def _template(item: Mapping[str, Any]) -> dict[str, Any]:
    made = {key: value for key, value in item.items() if key not in ("name", "subject", "title", "body")}
    if "body" in item:
        made.setdefault("message", item["body"])
    subject = item.get("subject", item.get("title"))
    if subject is not None:
        made["email"] = {"subject": subject, **(made.get("email") or {})}
    return made


def _maps(found: Any) -> list[Mapping[str, Any]]:
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
