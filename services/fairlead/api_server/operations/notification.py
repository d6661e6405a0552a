"""Notification service: the names of what argocd-notifications-cm has (contract 16.1)."""

from typing import Any

from fairlead.api_server.operations import config
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.session import Nothing

TYPE_AND_NAME = 2
"""Words that the key of a service may have behind `service`."""


async def triggers(backend: Backend, _: Caller, __: Nothing) -> dict[str, Any]:
    """The triggers by name."""
    return _listed(_behind(backend, "trigger"))


async def templates(backend: Backend, _: Caller, __: Nothing) -> dict[str, Any]:
    """The templates by name."""
    return _listed(_behind(backend, "template"))


async def services(backend: Backend, _: Caller, __: Nothing) -> dict[str, Any]:
    """The services: by name, those without one by type."""
    words = [key.split(".") for key in _behind(backend, "service")]
    return _listed({parts[-1] for parts in words if len(parts) <= TYPE_AND_NAME and all(parts)})


def _behind(backend: Backend, kind: str) -> set[str]:
    keys = config.data_of(backend, config.NOTIFICATIONS)
    return {key.removeprefix(f"{kind}.") for key in keys if key.startswith(f"{kind}.")} - {""}


def _listed(names: set[str]) -> dict[str, Any]:
    return {"items": [{"name": name} for name in sorted(names)]}
