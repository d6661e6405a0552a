"""Listing and getting declared repositories. Whoever may not see one is told what is told of none."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from fairlead.api_server.config_map import SecretObject
from fairlead.api_server.connections import Tried
from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.operations.repository.described import described, kind_of
from fairlead.api_server.operations.repository.requests import RepositoryQuery
from fairlead.api_server.operations.repository.store import (
    REPOSITORIES,
    TEMPLATES,
    WRITE_REPOSITORIES,
    WRITE_TEMPLATES,
    Store,
    template_of,
)
from fairlead.api_server.repository_fields import URL
from fairlead.matching.repository import declared_url, without_password

ListAll = Callable[[Backend, Caller, RepositoryQuery], Awaitable["RepositoryList"]]
Get = Callable[[Backend, Caller, RepositoryQuery], Awaitable[dict[str, Any]]]


class RepositoryList(msgspec.Struct, frozen=True, kw_only=True):
    """Repositories by address."""

    metadata: dict[str, str]
    items: list[dict[str, Any]]


async def list_all(backend: Backend, caller: Caller, query: RepositoryQuery) -> RepositoryList:
    """The declared repositories the caller may see, each as it was found when it was last tried."""
    return await _list(backend, caller, query, REPOSITORIES)


async def list_write(backend: Backend, caller: Caller, query: RepositoryQuery) -> RepositoryList:
    """The same for those that the hydrator writes to."""
    return await _list(backend, caller, query, WRITE_REPOSITORIES)


async def get(backend: Backend, caller: Caller, query: RepositoryQuery) -> dict[str, Any]:
    """One declared repository; an unknown one and a forbidden one are answered alike."""
    return await _get(backend, caller, query, REPOSITORIES)


async def get_write(backend: Backend, caller: Caller, query: RepositoryQuery) -> dict[str, Any]:
    """The same for those that the hydrator writes to."""
    return await _get(backend, caller, query, WRITE_REPOSITORIES)


def find_for(
    backend: Backend, caller: Caller, action: str, query: RepositoryQuery, store: Store = REPOSITORIES
) -> SecretObject:
    """The declared repository a query names, if the caller may see it and do `action` to it."""
    store.require_served(backend)
    wanted = declared_url(query.repo)
    found = [
        secret
        for secret in store.all(backend)
        if declared_url(secret.values[URL]) == wanted and _may(caller, "get", secret, store)
    ]
    if not found:
        raise authorize.hidden()
    if len(found) > 1 or query.app_project:
        found = [secret for secret in found if secret.values.get("project", "") == query.app_project]
    if not found:
        raise RefusalError(
            Code.UNKNOWN,
            f'repository not found for url "{without_password(query.repo)}" '
            f'and project "{query.app_project}"',
        )
    if action != "get":
        authorize.require(caller, store.resource, action, _object(found[0]))
    return found[0]


async def _get(backend: Backend, caller: Caller, query: RepositoryQuery, store: Store) -> dict[str, Any]:
    secret = find_for(backend, caller, "get", query, store)
    [item] = await _shown(backend, [secret], store, force=query.force_refresh)
    return item


async def _list(backend: Backend, caller: Caller, query: RepositoryQuery, store: Store) -> RepositoryList:
    store.require_served(backend)
    wanted = declared_url(query.repo)
    seen = [
        secret
        for secret in store.all(backend)
        if wanted in ("", declared_url(secret.values[URL]))
        and query.app_project in ("", secret.values.get("project", ""))
        and _may(caller, "get", secret, store)
    ]
    return RepositoryList(metadata={}, items=await _shown(backend, seen, store, force=query.force_refresh))


async def _shown(
    backend: Backend, secrets: list[SecretObject], store: Store, *, force: bool
) -> list[dict[str, Any]]:
    templates = WRITE_TEMPLATES if store.is_for_writing else TEMPLATES
    pairs = [(secret, template_of(backend, secret, templates)) for secret in secrets]
    states = await backend.connections.states(
        [_tried(secret, template) for secret, template in pairs], force=force
    )
    return [
        described(secret.values, template.values if template else None, state)
        for (secret, template), state in zip(pairs, states, strict=True)
    ]


def _tried(secret: SecretObject, template: SecretObject | None) -> Tried:
    values = secret.values
    used = (secret, *((template,) if template else ()))
    return Tried(
        url=values[URL],
        project=values.get("project", ""),
        kind=kind_of({"repo": values[URL], "type": values.get("type")}),
        secrets=tuple((found.name, found.resource_version) for found in used),
    )


def _may(caller: Caller, action: str, secret: SecretObject, store: Store) -> bool:
    return authorize.is_allowed(caller, store.resource, action, _object(secret))


def _object(secret: SecretObject) -> str:
    return authorize.repository_object(secret.values[URL], secret.values.get("project", ""))
