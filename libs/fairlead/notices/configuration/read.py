"""Reads a ConfigMap and its Secret (contract 16.1).

Invariant: what cannot be read is left out and said; everything else goes on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec
import yaml

from fairlead.manifest.yaml_document import document
from fairlead.matching.selectors import Selector, SelectorError, parse_selector
from fairlead.notices.configuration.configuration import (
    Condition,
    Configuration,
    Names,
    Service,
    Subscription,
    Template,
)
from fairlead.notices.configuration.legacy import CONFIG, NOTIFIERS, legacy_config, legacy_services
from fairlead.notices.configuration.options import with_secrets

SERVICE, TEMPLATE, TRIGGER = "service", "template", "trigger"
SUBSCRIPTIONS, CONTEXT, DEFAULTS = "subscriptions", "context", "defaultTriggers"
MAX_ENTRIES = 1000
"""Services, templates, triggers and subscriptions of one ConfigMap, each."""
TYPE_AND_NAME = 2


class MalformedError(ValueError):
    """What is wrong with one key, in words."""


def read(
    data: Mapping[str, str], secrets: Mapping[str, str], *, namespace: str = "", is_own: bool = False
) -> Configuration:
    """The configuration of one namespace; `is_own` where it serves that namespace alone."""
    return _Reading(data, secrets).done(namespace, is_own=is_own)


def split_recipient(text: str) -> tuple[str, str]:
    """`service:recipient`; what stands behind a second colon is dropped."""
    parts = [part.strip() for part in text.split(":")]
    return parts[0], parts[1] if len(parts) > 1 else ""


def digest_of(*maps: Mapping[str, str]) -> str:
    """Names exactly what these say."""
    return hashlib.sha256(msgspec.json.encode(maps, order="sorted")).hexdigest()[:16]


def names_in(data: Mapping[str, str], kind: str) -> set[str]:
    """The names of the triggers, templates or services that a ConfigMap has; of a service its type where it
    has no other name."""
    keys = [key.removeprefix(f"{kind}.") for key in data if key.startswith(f"{kind}.")]
    if kind == SERVICE:
        words = [key.split(".") for key in keys]
        return {parts[-1] for parts in words if len(parts) <= TYPE_AND_NAME and all(parts)}
    return {key for key in keys if key}


class _Reading:
    """One ConfigMap that is being read."""

    def __init__(self, data: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        self._secrets = secrets
        self._digest = digest_of(data, secrets)
        self._problems: list[str] = []
        self._services: dict[str, Service] = {}
        self._templates: dict[str, Template] = {}
        self._triggers: dict[str, tuple[Condition, ...]] = {}
        self._subscriptions: list[Subscription] = []
        self._defaults: Names = ()
        self._service_defaults: dict[str, Names] = {}
        self._context: dict[str, str] = {}
        if CONFIG in data:
            self._tried(CONFIG, lambda: self._legacy(_parsed(data[CONFIG])))
        if NOTIFIERS in secrets:
            self._tried(NOTIFIERS, lambda: self._notifiers(_parsed(secrets[NOTIFIERS])))
        for key in sorted(data):
            self._tried(key, partial(self._take, key, data[key]))

    def done(self, namespace: str, *, is_own: bool) -> Configuration:
        """What was read."""
        self._unmet()
        return Configuration(
            namespace=namespace,
            is_own=is_own,
            services=self._services,
            templates=self._templates,
            triggers=self._triggers,
            subscriptions=tuple(self._subscriptions),
            default_triggers=self._defaults,
            service_default_triggers=self._service_defaults,
            context=self._context,
            secrets=dict(self._secrets),
            problems=tuple(self._problems),
            digest=self._digest,
        )

    def _tried(self, key: str, step: Callable[[], None]) -> None:
        try:
            step()
        except (MalformedError, SelectorError) as error:
            self._problems.append(f"{key}: {error}")
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            self._problems.append(f"{key}: is not YAML: {_line(error)}")

    def _take(self, key: str, text: str) -> None:
        kind, _, name = key.partition(".")
        if kind == SERVICE and name:
            self._service(name, text)
        elif kind == TEMPLATE and name:
            self._room(self._templates)
            self._templates[name] = self._template(name, _parsed(text))
        elif kind == TRIGGER and name:
            self._room(self._triggers)
            self._triggers[name] = conditions(_parsed(text))
        elif kind == DEFAULTS and name:
            self._service_defaults[name] = _names(_parsed(text))
        elif key == DEFAULTS:
            self._defaults = _names(_parsed(text))
        elif key == SUBSCRIPTIONS:
            self._subscriptions.extend(self._subscribed(_parsed(text)))
        elif key == CONTEXT:
            self._context |= _texts(_parsed(text))
        elif key != CONFIG:
            self._problems.append(f"{key}: is not known and has no effect")

    def _template(self, name: str, found: Any) -> Template:
        """A template. What is beside its message and no map is no service's, and costs the message nothing.
        Raises MalformedError."""
        if not isinstance(found, dict):
            raise MalformedError("is not a map")
        message = _text_of(found.get("message"))
        if message is None:
            raise MalformedError("message is not a text")
        blocks = {str(key): block for key, block in found.items() if key != "message" and block is not None}
        for key in sorted(key for key, block in blocks.items() if not isinstance(block, dict)):
            self._problems.append(f"{TEMPLATE}.{name}: {key} is not a map and has no effect")
            del blocks[key]
        return Template(name=name, message=message, blocks=blocks)

    def _service(self, path: str, text: str) -> None:
        parts = path.split(".")
        if len(parts) > TYPE_AND_NAME or not all(parts):
            raise MalformedError("is no service.<type> or service.<type>.<name>")
        options = _parsed(text)
        self._add_service(parts[-1], parts[0], {} if options is None else options)

    def _add_service(self, name: str, kind: str, options: Any) -> None:
        if not isinstance(options, dict):
            raise MalformedError("is not a map of options")
        self._room(self._services)
        made, hidden, missing = with_secrets(options, self._secrets)
        for absent in missing:
            self._problems.append(
                f"{SERVICE}.{kind}: ${absent} is not in the Secret, so it is taken as it stands"
            )
        self._services[name] = Service(name=name, kind=kind, options=made, hidden=hidden)

    def _subscribed(self, found: Any) -> list[Subscription]:
        taken = []
        for at, item in enumerate(_listed(found)[:MAX_ENTRIES]):
            try:
                taken.append(subscription(item))
            except (MalformedError, SelectorError) as error:
                self._problems.append(f"{SUBSCRIPTIONS}: number {at + 1}: {error}")
        return taken

    def _legacy(self, found: Any) -> None:
        if not isinstance(found, dict):
            raise MalformedError("is not a map")
        for old in legacy_config(found):
            if old.template is not None:
                self._templates[old.name] = self._template(old.name, old.template)
            elif old.conditions is not None:
                self._triggers[old.name] = conditions(old.conditions)
                self._defaults += (old.name,) if old.is_default else ()
        self._subscriptions.extend(self._subscribed(found.get("subscriptions") or []))
        self._context |= _texts(found.get("context") or {})

    def _notifiers(self, found: Any) -> None:
        if not isinstance(found, dict):
            raise MalformedError("is not a map")
        for name, kind, options in legacy_services(found):
            self._add_service(name, kind, options)

    def _room(self, among: Mapping[str, object]) -> None:
        if len(among) >= MAX_ENTRIES:
            raise MalformedError(f"there are {MAX_ENTRIES} others already, so it is left out")

    def _unmet(self) -> None:
        """Names that nothing has: what would only be found out when something is to be sent."""
        for name, found in self._triggers.items():
            for missing in sorted({each for one in found for each in one.send} - self._templates.keys()):
                self._problems.append(f"{TRIGGER}.{name}: there is no template {missing!r}")
        named = {*self._defaults, *(one for names in self._service_defaults.values() for one in names)}
        named |= {one for each in self._subscriptions for one in each.triggers}
        for missing in sorted(named - self._triggers.keys()):
            self._problems.append(f"{TRIGGER}.{missing}: is named and not there")


def conditions(found: Any) -> tuple[Condition, ...]:
    """The conditions of a trigger. Raises MalformedError."""
    return tuple(_condition(item) for item in _listed(found))


def subscription(item: Any) -> Subscription:
    """One subscription of all applications. Raises MalformedError, SelectorError."""
    if not isinstance(item, dict):
        raise MalformedError("is not a map")
    selector = item.get("selector") or ""
    if not isinstance(selector, str):
        raise MalformedError("selector is not a text")
    return Subscription(
        recipients=tuple(split_recipient(text) for text in _names(item.get("recipients"))),
        triggers=_names(item.get("triggers")),
        selector=parse_selector(selector) if selector else Selector(),
    )


def _condition(item: Any) -> Condition:
    when = _text_of(item.get("when")) if isinstance(item, dict) else None
    if not when:
        raise MalformedError("a condition has no text `when`")
    return Condition(
        when=when,
        send=_names(item.get("send")),
        once_per=_text_of(item.get("oncePer")) or "",
        description=_text_of(item.get("description")) or "",
    )


def _text_of(found: Any) -> str | None:
    """A text; numbers and truths are texts where one is awaited, as in Kubernetes' YAML. None for others."""
    return _printed(found) if found is None or isinstance(found, str | bool | int | float) else None


def _parsed(text: str) -> Any:
    return document(text) if text.strip() else None


def _listed(found: Any) -> list[Any]:
    if found is None:
        return []
    if not isinstance(found, list):
        raise MalformedError("is not a list")
    return found


def _names(found: Any) -> Names:
    if isinstance(found, str):
        return (found,)
    listed = _listed(found)
    if not all(isinstance(item, str | int | float) for item in listed):
        raise MalformedError("is not a list of texts")
    return tuple(str(item) for item in listed)


def _texts(found: Any) -> dict[str, str]:
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise MalformedError("is not a map")
    return {str(key): _printed(value) for key, value in found.items()}


def _printed(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
