"""The senders of the services that are configured now, made once for each configuration.

Invariant: what one configuration made is never used for another.
"""

from __future__ import annotations

from typing import Any, Final

import structlog

from fairlead.notices.composing.compose import WEBHOOK
from fairlead.notices.configuration import Configuration
from fairlead.notices.senders import OptionError, Sender, Senders, remarks, remarks_on_block

log = structlog.get_logger(__name__)

MAX_KEPT: Final = 500
"""Senders that are kept; with more, all are made anew."""


class ServiceSenders:
    """Senders by configuration and service."""

    def __init__(self, senders: Senders) -> None:
        self._senders = senders
        self._made: dict[tuple[str, str, str], Sender] = {}

    def __call__(self, configuration: Configuration, service: str) -> Sender:
        """The sender of a service. Raises OptionError."""
        key = configuration.namespace, configuration.digest, service
        known = self._made.get(key)
        if known is None:
            if len(self._made) >= MAX_KEPT:
                self._made.clear()
            known = self._made[key] = self._make(configuration, service)
        return known

    def problems(self, configuration: Configuration) -> list[str]:
        """What is wrong with the services of a configuration, and options of them that do nothing."""
        found = []
        for name, service in configuration.services.items():
            try:
                self(configuration, name)
            except OptionError as error:
                found.append(f"service {name!r}: {error.words}")
            else:
                said = remarks(service.kind, service.options)
                found.extend(f"service {name!r}: {words}" for words in said)
        for name, template in configuration.templates.items():
            for kind, block in template.blocks.items():
                found.extend(
                    f"template {name!r}: {words}" for words in remarks_on_block(kind, _one(kind, block))
                )
        return found

    def _make(self, configuration: Configuration, service: str) -> Sender:
        configured = configuration.services[service]
        return self._senders.sender_of(
            configured.kind,
            configured.options,
            service=service,
            hidden=configuration.secrets.values(),
            own=not configuration.is_own,
        )


def _one(kind: str, block: Any) -> Any:
    """A block as its service reads it; of those for webhooks the first is looked at."""
    return next(iter(block.values()), None) if kind == WEBHOOK and isinstance(block, dict) else block
