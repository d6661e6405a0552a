"""Credential templates: credentials for every address that begins alike (contract 12.4)."""

from typing import Any

import msgspec

from fairlead.api_server.config_map import SecretObject
from fairlead.api_server.operations import authorize, declared
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.differences import different, differing, fields
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.operations.repository.described import described_credentials
from fairlead.api_server.operations.repository.requests import (
    CredentialsCreate,
    CredentialsQuery,
    CredentialsUpdate,
)
from fairlead.api_server.operations.repository.store import TEMPLATES, WRITE_TEMPLATES, Store, given
from fairlead.api_server.operations.session import Nothing
from fairlead.api_server.repository_fields import FIELDS, URL, UnreadableValueError, read, written
from fairlead.kube.errors import AlreadyExistsError
from fairlead.matching.repository import declared_url, without_password

_SHAPE = fields(" ".join(["url=URL", *(f"{field.name}={field.go}" for field in FIELDS if field.is_template)]))


class CredentialsList(msgspec.Struct, frozen=True, kw_only=True):
    """Templates by address."""

    metadata: dict[str, str]
    items: list[dict[str, Any]]


async def list_all(backend: Backend, caller: Caller, query: CredentialsQuery) -> CredentialsList:
    """The templates the caller may see."""
    return _list(backend, caller, query, TEMPLATES)


async def list_write(backend: Backend, caller: Caller, query: CredentialsQuery) -> CredentialsList:
    """The same for those that the hydrator uses."""
    return _list(backend, caller, query, WRITE_TEMPLATES)


async def create(backend: Backend, caller: Caller, request: CredentialsCreate) -> dict[str, Any]:
    """Declare a template, or with `upsert` change one that is declared."""
    return await _create(backend, caller, request, TEMPLATES)


async def create_write(backend: Backend, caller: Caller, request: CredentialsCreate) -> dict[str, Any]:
    """The same for one that the hydrator uses."""
    return await _create(backend, caller, request, WRITE_TEMPLATES)


async def update(backend: Backend, caller: Caller, request: CredentialsUpdate) -> dict[str, Any]:
    """Replace what is declared of a template."""
    return await _update(backend, caller, request, TEMPLATES)


async def update_write(backend: Backend, caller: Caller, request: CredentialsUpdate) -> dict[str, Any]:
    """The same for one that the hydrator uses."""
    return await _update(backend, caller, request, WRITE_TEMPLATES)


async def delete(backend: Backend, caller: Caller, query: CredentialsQuery) -> Nothing:
    """Forget a template."""
    return await _delete(backend, caller, query, TEMPLATES)


async def delete_write(backend: Backend, caller: Caller, query: CredentialsQuery) -> Nothing:
    """The same for one that the hydrator uses."""
    return await _delete(backend, caller, query, WRITE_TEMPLATES)


def _list(backend: Backend, caller: Caller, query: CredentialsQuery, store: Store) -> CredentialsList:
    store.require_served(backend)
    wanted = declared_url(query.url)
    items = [
        described_credentials(secret.values)
        for secret in store.all(backend)
        if wanted in ("", declared_url(secret.values[URL]))
        and authorize.is_allowed(caller, store.resource, "get", secret.values[URL])
    ]
    return CredentialsList(metadata={}, items=items)


async def _create(
    backend: Backend, caller: Caller, request: CredentialsCreate, store: Store
) -> dict[str, Any]:
    store.require_served(backend)
    wanted = _read(request.creds)
    url = wanted[URL]
    authorize.require(caller, store.resource, "create", url)
    known = store.find(backend, url)
    name = known.name if known is not None else f"{store.prefix}-{declared.fnv32a(url)}"
    try:
        if known is None:
            await declared.make(backend, name, store.secret_type, written(wanted, template=True))
            return {"url": without_password(url)}
    except AlreadyExistsError:
        pass
    keys = differing(await _before(backend, name, url), wanted, _SHAPE)
    if keys and not request.upsert:
        raise different(store.words, keys)
    if keys:
        authorize.require(caller, store.resource, "update", url)
        await _write(backend, name, wanted)
    return {"url": without_password(url)}


async def _update(
    backend: Backend, caller: Caller, request: CredentialsUpdate, store: Store
) -> dict[str, Any]:
    store.require_served(backend)
    wanted = _read(request.creds)
    authorize.require(caller, store.resource, "update", wanted[URL])
    await _write(backend, _found(backend, wanted[URL], store).name, wanted)
    return {"url": without_password(wanted[URL])}


async def _delete(backend: Backend, caller: Caller, query: CredentialsQuery, store: Store) -> Nothing:
    store.require_served(backend)
    if not query.url:
        raise RefusalError(Code.INVALID_ARGUMENT, "must specify URL")
    authorize.require(caller, store.resource, "delete", query.url)
    await declared.remove(backend, _found(backend, query.url, store))
    return Nothing()


def _found(backend: Backend, url: str, store: Store) -> SecretObject:
    known = store.find(backend, url)
    if known is None:
        raise RefusalError(Code.NOT_FOUND, f"{store.words} '{without_password(url)}' not found")
    return known


async def _before(backend: Backend, name: str, url: str) -> dict[str, Any]:
    found = await declared.read(backend, name)
    _require_same(found, url)
    values = found.values
    try:
        return {URL: values.get(URL, ""), **read(values, shown_only=False)}
    except UnreadableValueError:
        return {URL: values.get(URL, "")}


async def _write(backend: Backend, name: str, wanted: dict[str, Any]) -> None:
    def change(found: declared.Whole) -> dict[str, Any]:
        _require_same(found, wanted[URL])
        return {"data": declared.texts(written(wanted, template=True), found.values)}

    await declared.amend(backend, name, change)


def _require_same(found: declared.Whole, url: str) -> None:
    """Raises RefusalError unless a Secret declares the template of this address; the name of another one may
    be equal."""
    if declared_url(found.values.get(URL, "")) != declared_url(url):
        raise declared.of_another(found.name)


def _read(obj: dict[str, Any]) -> dict[str, Any]:
    wanted = given(obj, URL)
    if not wanted.get(URL):
        raise RefusalError(Code.INVALID_ARGUMENT, "must specify URL")
    return wanted
