"""What was configured, as data. Invariant: what may hold a secret never shows it when printed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from fairlead.matching.selectors import Selector

Names = tuple[str, ...]
_EVENT = re.compile(r"(?<![\w.'\"])event\s*(?:\?\.|[.\[])")


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """One `service.<type>[.<name>]`: its options with secrets put in; `hidden` are these secrets' values."""

    name: str
    kind: str
    options: Mapping[str, Any]
    hidden: Names = ()

    def __repr__(self) -> str:
        return f"Service({self.name!r}, {self.kind!r})"


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """One `template.<name>`: its message, and a block for each service that has more to say."""

    name: str
    message: str = ""
    blocks: Mapping[str, Any] = {}


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """One condition of a trigger; `once_per` is "" where every change of the condition counts."""

    when: str
    send: Names = ()
    once_per: str = ""
    description: str = ""

    @property
    def is_of_event(self) -> bool:
        """Whether it looks at the public event that woke us, and so means nothing without one."""
        return _EVENT.search(self.when) is not None


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """Recipients, `(service, recipient)`, of all applications that are selected."""

    recipients: tuple[tuple[str, str], ...]
    triggers: Names = ()
    selector: Selector = Selector()


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """One ConfigMap with its Secret. `namespace` is where they are, and `is_own` says that they serve the
    applications of that namespace alone; `problems` are words on what could not be read."""

    namespace: str = ""
    is_own: bool = False
    services: Mapping[str, Service] = {}
    templates: Mapping[str, Template] = {}
    triggers: Mapping[str, tuple[Condition, ...]] = {}
    subscriptions: tuple[Subscription, ...] = ()
    default_triggers: Names = ()
    service_default_triggers: Mapping[str, Names] = {}
    context: Mapping[str, str] = {}
    secrets: Mapping[str, str] = {}
    problems: Names = ()
    digest: str = ""
    """Names exactly what the ConfigMap and the Secret said."""

    def __repr__(self) -> str:
        return f"Configuration({self.namespace!r}, services={sorted(self.services)})"

    def triggers_of(self, trigger: str, service: str) -> Names:
        """The named trigger, or those that are meant where none is named."""
        return (trigger,) if trigger else self.service_default_triggers.get(service, self.default_triggers)
