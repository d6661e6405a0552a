"""Declaring, changing and forgetting repositories; trying whether one can be read."""

from typing import Any

from fairlead.api_server.operations import authorize, declared
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.differences import different, differing, fields
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.operations.repository.described import kind_of
from fairlead.api_server.operations.repository.read import find_for
from fairlead.api_server.operations.repository.requests import (
    AccessQuery,
    RepositoryCreate,
    RepositoryQuery,
    RepositoryUpdate,
)
from fairlead.api_server.operations.repository.store import (
    REPOSITORIES,
    TEMPLATES,
    WRITE_REPOSITORIES,
    WRITE_TEMPLATES,
    Store,
    given,
    template_for,
)
from fairlead.api_server.operations.session import Nothing
from fairlead.api_server.repository_fields import (
    CREDENTIALS_OF_REPOSITORIES,
    FIELDS,
    URL,
    UnreadableValueError,
    read,
    written,
)
from fairlead.kube.errors import AlreadyExistsError
from fairlead.matching.repository import declared_url, without_password

_SHAPE = fields(" ".join(f"{field.name}={field.go}" for field in FIELDS))

_WAYS = ("proxy", "insecure", "insecureIgnoreHostKey", "insecureOCIForceHttp")
"""Fields that say how a repository is met."""


async def create(backend: Backend, caller: Caller, request: RepositoryCreate) -> dict[str, Any]:
    """Declare a repository that can be read, or with `upsert` change one that is declared."""
    return await _create(backend, caller, request, REPOSITORIES)


async def create_write(backend: Backend, caller: Caller, request: RepositoryCreate) -> dict[str, Any]:
    """The same for one that the hydrator writes to."""
    return await _create(backend, caller, request, WRITE_REPOSITORIES)


async def update(backend: Backend, caller: Caller, request: RepositoryUpdate) -> dict[str, Any]:
    """Replace what is declared of a repository."""
    return await _update(backend, caller, request, REPOSITORIES)


async def update_write(backend: Backend, caller: Caller, request: RepositoryUpdate) -> dict[str, Any]:
    """The same for one that the hydrator writes to."""
    return await _update(backend, caller, request, WRITE_REPOSITORIES)


async def delete(backend: Backend, caller: Caller, query: RepositoryQuery) -> Nothing:
    """Forget a repository."""
    await declared.remove(backend, find_for(backend, caller, "delete", query, REPOSITORIES))
    return Nothing()


async def delete_write(backend: Backend, caller: Caller, query: RepositoryQuery) -> Nothing:
    """The same for one that the hydrator writes to."""
    await declared.remove(backend, find_for(backend, caller, "delete", query, WRITE_REPOSITORIES))
    return Nothing()


async def validate(backend: Backend, caller: Caller, query: AccessQuery) -> Nothing:
    """Try whether a repository can be read; nothing is kept."""
    return await _validate(backend, caller, query, REPOSITORIES)


async def validate_write(backend: Backend, caller: Caller, query: AccessQuery) -> Nothing:
    """The same for one that the hydrator is to write to."""
    return await _validate(backend, caller, query, WRITE_REPOSITORIES)


async def _create(
    backend: Backend, caller: Caller, request: RepositoryCreate, store: Store
) -> dict[str, Any]:
    store.require_served(backend)
    wanted = _read(request.repo)
    url, project = wanted["repo"], wanted.get("project", "")
    authorize.require(caller, store.resource, "create", authorize.repository_object(url, project))
    if not project:
        await _require_access(backend, wanted, store)
    known = store.find(backend, url, project)
    if known is not None:
        return await _upserted(backend, caller, known.name, wanted, store, upsert=request.upsert)
    name = f"{store.prefix}-{declared.fnv32a(url + project)}"
    try:
        await declared.make(backend, name, store.secret_type, written(wanted, template=False))
    except AlreadyExistsError:
        return await _upserted(backend, caller, name, wanted, store, upsert=request.upsert)
    return _reduced(wanted)


async def _upserted(
    backend: Backend, caller: Caller, name: str, wanted: dict[str, Any], store: Store, *, upsert: bool
) -> dict[str, Any]:
    found = await declared.read(backend, name)
    _require_same(found, wanted)
    try:
        before = read(found.values, shown_only=False)
    except UnreadableValueError:
        before = {}
    keys = differing({"type": "git", **before}, {"type": "git", **wanted}, _SHAPE)
    if keys and not upsert:
        raise different(store.words, keys)
    if keys:
        obj = authorize.repository_object(wanted["repo"], wanted.get("project", ""))
        authorize.require(caller, store.resource, "update", obj)
        await _write(backend, name, wanted)
    return _reduced(wanted)


async def _update(
    backend: Backend, caller: Caller, request: RepositoryUpdate, store: Store
) -> dict[str, Any]:
    store.require_served(backend)
    wanted = _read(request.repo)
    url, project = wanted["repo"], wanted.get("project", "")
    authorize.require(caller, store.resource, "update", authorize.repository_object(url, project))
    known = store.find(backend, url, project)
    if known is None:
        what = "write repo" if store.is_for_writing else "repo"
        raise RefusalError(Code.NOT_FOUND, f"{what} '{without_password(url)}' not found")
    await _write(backend, known.name, wanted)
    return _reduced(wanted)


async def _write(backend: Backend, name: str, wanted: dict[str, Any]) -> None:
    def change(found: declared.Whole) -> dict[str, Any]:
        _require_same(found, wanted)
        return {"data": declared.texts(written(wanted, template=False), found.values)}

    await declared.amend(backend, name, change)


def _require_same(found: declared.Whole, wanted: dict[str, Any]) -> None:
    """Raises RefusalError unless a Secret declares this very repository: names are made of few bits of an
    address and a project, so that those of two repositories may be equal, and made to be."""
    is_its = declared_url(found.values.get(URL, "")) == declared_url(wanted["repo"])
    if not is_its or found.values.get("project", "") != wanted.get("project", ""):
        raise declared.of_another(found.name)


async def _validate(backend: Backend, caller: Caller, query: AccessQuery, store: Store) -> Nothing:
    store.require_served(backend)
    wanted = _read(query.fields())
    obj = authorize.repository_object(wanted["repo"], wanted.get("project", ""))
    authorize.require(caller, store.resource, "create", obj)
    await _require_access(backend, wanted, store)
    return Nothing()


def _require_lent(wanted: dict[str, Any], values: dict[str, str], inherited: dict[str, str]) -> None:
    """Whoever may try a repository of a project could have the password that all share carried through a
    proxy of theirs, past a certificate that nobody looks at."""
    project = wanted.get("project", "")
    is_met_otherwise = any(values.get(way, "") not in ("", "false") for way in _WAYS)
    if project and project != inherited.get("project", "") and is_met_otherwise:
        raise RefusalError(
            Code.FAILED_PRECONDITION,
            f"the credentials of a template are not lent to a repository of project {project} that is met"
            " through a proxy of its own or without verification: give it credentials of its own",
        )


async def _require_access(backend: Backend, wanted: dict[str, Any], store: Store) -> None:
    """Raises RefusalError unless the repository can be read with these credentials or its template's."""
    values = written(wanted, template=False)
    if not any(values.get(key) for key in CREDENTIALS_OF_REPOSITORIES):
        templates = WRITE_TEMPLATES if store.is_for_writing else TEMPLATES
        template = template_for(backend, wanted["repo"], templates)
        if template is not None:
            inherited = (await declared.read(backend, template.name)).values
            _require_lent(wanted, values, inherited)
            values = {**inherited, **{key: value for key, value in values.items() if value}}
    tried = await backend.ask.try_access(wanted["repo"], wanted.get("project", ""), kind_of(wanted), values)
    if tried.problem:
        raise RefusalError(Code.UNKNOWN, tried.problem)


def _read(obj: dict[str, Any]) -> dict[str, Any]:
    wanted = given(obj, "repo")
    if not wanted.get("repo"):
        raise RefusalError(Code.INVALID_ARGUMENT, "missing payload in request")
    return wanted


def _reduced(wanted: dict[str, Any]) -> dict[str, Any]:
    reduced = {"repo": without_password(wanted["repo"]), "type": kind_of(wanted), "name": wanted.get("name")}
    return {key: value for key, value in reduced.items() if value}
