"""Notification service: the names of what argocd-notifications-cm has (contract 16.1)."""

from typing import Any

from fairlead.api_server.operations import config
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.session import Nothing
from fairlead.notices.configuration.read import SERVICE, TEMPLATE, TRIGGER, names_in


async def triggers(backend: Backend, _: Caller, __: Nothing) -> dict[str, Any]:
    """The triggers by name."""
    return _listed(_names(backend, TRIGGER))


async def templates(backend: Backend, _: Caller, __: Nothing) -> dict[str, Any]:
    """The templates by name."""
    return _listed(_names(backend, TEMPLATE))


async def services(backend: Backend, _: Caller, __: Nothing) -> dict[str, Any]:
    """The services: by name, those without one by type."""
    return _listed(_names(backend, SERVICE))


def _names(backend: Backend, kind: str) -> set[str]:
    return names_in(config.data_of(backend, config.NOTIFICATIONS), kind)


def _listed(names: set[str]) -> dict[str, Any]:
    return {"items": [{"name": name} for name in sorted(names)]}
