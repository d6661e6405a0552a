"""Sync windows of an application's project (contract 3)."""

from typing import Any

from fairlead.api_server.operations.application import lookup
from fairlead.api_server.operations.application.requests import ApplicationRef
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.model.application import Application


def allows_manual_sync(backend: Backend, app: Application) -> bool:
    """Whether a person may sync the application now."""
    return True


async def get(backend: Backend, caller: Caller, query: ApplicationRef) -> dict[str, Any]:
    """The windows of an application, and whether a person may sync now."""
    document = lookup.find(backend, caller, query.name, namespace=query.app_namespace, project=query.project)
    return {"canSync": allows_manual_sync(backend, lookup.application(document))}
