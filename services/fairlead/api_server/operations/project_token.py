"""Tokens of a project's roles: made and taken back (contract 3, 13.1).

The invariant: a token is listed in the project, in its specification and again in its status, before it is
handed out; one that is in neither is worthless.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from fairlead.api_server.kinds import PROJECTS
from fairlead.api_server.mirror import CATCH_UP
from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.account_token import NewToken, require_span
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.operations.session import Nothing
from fairlead.api_server.record import Subject
from fairlead.kube.errors import ConflictError
from fairlead.model.appproject import AppProject, ProjectRole, tokens_of
from fairlead.model.decode import decode_app_project
from fairlead.rbac.project import subject, unquoted

ATTEMPTS = 10
MAX_TOKENS = 500
"""Tokens of one role; a project is an object of 3 MiB at most."""


class CreateRoleToken(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A token for a project's role; `expires_in` in seconds, 0 = no end. Without an id one is made up."""

    project: str = ""
    description: str = ""
    role: str = ""
    expires_in: int = 0
    id: str = ""


class DeleteRoleToken(msgspec.Struct, frozen=True, kw_only=True):
    """Names a token of a role by its id, or by the second it was made in."""

    project: str = ""
    role: str = ""
    iat: int = 0
    id: str = ""


async def create(backend: Backend, caller: Caller, request: CreateRoleToken) -> NewToken:
    """A new token of a role, for who may change the project, or belongs to a group of the role."""
    role = _permitted(backend, caller, request.project, request.role)
    if role is None:
        text = f"project '{request.project}' does not have role '{request.role}'"
        raise RefusalError(Code.NOT_FOUND, text)
    require_span(request.id, request.expires_in)
    own = subject(request.project, request.role)
    token, claims = backend.sessions.made(own, life=request.expires_in, token_id=request.id)
    listed = {"iat": claims.iat, "id": claims.jti, **({"exp": claims.exp} if claims.exp else {})}

    def add(tokens: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if any(each["id"] == claims.jti for each in tokens):
            raise RefusalError(Code.INVALID_ARGUMENT, f"Token id '{claims.jti}' has been used. ")
        if len(tokens) >= MAX_TOKENS:
            raise RefusalError(Code.FAILED_PRECONDITION, f"a role has at most {MAX_TOKENS} tokens")
        return [listed, *tokens]

    project = await _amend(backend, request.project, request.role, add)
    _record(backend, caller, project, "ResourceCreated", "created token")
    return NewToken(token=token)


async def delete(backend: Backend, caller: Caller, request: DeleteRoleToken) -> Nothing:
    """Take a token back; one that is not there is taken back already."""
    if _permitted(backend, caller, request.project, request.role) is None:
        return Nothing()

    def remove(tokens: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [each for each in tokens if not _is_meant(each, request)]

    project = await _amend(backend, request.project, request.role, remove)
    _record(backend, caller, project, "ResourceDeleted", "deleted token")
    return Nothing()


def _is_meant(token: dict[str, Any], request: DeleteRoleToken) -> bool:
    return bool(token["id"] == request.id if request.id else token["iat"] == request.iat)


def _permitted(backend: Backend, caller: Caller, name: str, role: str) -> ProjectRole | None:
    """The role, if there is one. Raises RefusalError unless the caller may give out its tokens."""
    project = backend.mirrors.projects.get(name)
    roles = project.spec.roles if project is not None else ()
    found = next((each for each in roles if each.name == role), None)
    groups = {unquoted(group) for group in found.groups} if found is not None else set()
    if not groups & set(caller.groups):
        authorize.require(caller, "projects", "update", name)
    if project is None:
        raise RefusalError(Code.NOT_FOUND, f'appprojects.argoproj.io "{name}" not found')
    return found


async def _amend(
    backend: Backend,
    name: str,
    role: str,
    change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]],
) -> AppProject:
    """Change the tokens of a role as they are in Kubernetes now; in both places they are listed in."""
    for _ in range(ATTEMPTS):
        obj = msgspec.json.decode(await backend.kube.get(PROJECTS, name, backend.namespace))
        roles = (obj.get("spec") or {}).get("roles") or []
        found = next((each for each in roles if each.get("name") == role), None)
        if found is None:
            raise RefusalError(Code.NOT_FOUND, f"project '{name}' does not have role '{role}'")
        tokens = change(_listed(decode_app_project(msgspec.json.encode(obj)), role))
        found["jwtTokens"] = tokens
        status = obj["status"] = obj.get("status") or {}
        status["jwtTokensByRole"] = {**(status.get("jwtTokensByRole") or {}), role: {"items": tokens}}
        try:
            raw = await backend.kube.update(PROJECTS, name, obj, backend.namespace)
        except ConflictError:
            continue
        written = decode_app_project(raw)
        await _seen(backend, written)
        return written
    raise RefusalError(Code.ABORTED, f"project {name} is being changed by others; try again")


async def _seen(backend: Backend, written: AppProject) -> None:
    def is_known() -> bool:
        now = backend.mirrors.projects.get(written.metadata.name)
        return now is None or (now.spec, now.status) == (written.spec, written.status)

    await backend.mirrors.projects.until(is_known, seconds=CATCH_UP)


def _listed(project: AppProject, role: str) -> list[dict[str, Any]]:
    """The tokens of a role, newest first, each once and with an id."""
    found = {
        (token.iat, token.id or str(token.iat)): {
            "iat": token.iat,
            "id": token.id or str(token.iat),
            **({"exp": token.exp} if token.exp else {}),
        }
        for token in tokens_of(project, role)
    }
    return sorted(found.values(), key=lambda token: -int(token["iat"]))


def _record(backend: Backend, caller: Caller, project: AppProject, reason: str, action: str) -> None:
    about = Subject(
        kind="AppProject",
        name=project.metadata.name,
        namespace=backend.namespace,
        uid=project.metadata.uid,
        resource_version=project.metadata.resource_version,
    )
    backend.recorder.record(about, reason, user=caller.known_as, action=action)
