"""Repository service, the part that reads. No credential but the user name is ever part of an answer."""

from typing import Any

import msgspec

from fairlead.api_server.config_map import SecretObject
from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.matching.repository import identity, without_password


class RepositoryQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Names a repository by its address; "" in a list means all."""

    repo: str = ""
    force_refresh: bool = False
    app_project: str = ""


class RepositoryList(msgspec.Struct, frozen=True, kw_only=True):
    """Repositories by address."""

    metadata: dict[str, str]
    items: list[dict[str, Any]]


async def list_all(backend: Backend, caller: Caller, query: RepositoryQuery) -> RepositoryList:
    """The declared repositories the caller may see."""
    return RepositoryList(
        metadata={},
        items=[
            _described(secret)
            for secret in _declared(backend)
            if (not query.repo or identity(query.repo) == identity(secret.values["url"]))
            and query.app_project in ("", secret.values.get("project", ""))
            and authorize.is_allowed(caller, "repositories", "get", _object(secret))
        ],
    )


async def get(backend: Backend, caller: Caller, query: RepositoryQuery) -> dict[str, Any]:
    """One declared repository; an unknown one and a forbidden one are answered alike."""
    for secret in _declared(backend):
        is_meant = identity(secret.values["url"]) == identity(query.repo) and query.app_project in (
            "",
            secret.values.get("project", ""),
        )
        if is_meant and authorize.is_allowed(caller, "repositories", "get", _object(secret)):
            return _described(secret)
    raise RefusalError(Code.PERMISSION_DENIED, "permission denied")


def _declared(backend: Backend) -> list[SecretObject]:
    found = [secret for secret in backend.control.labelled("repository") if secret.values.get("url")]
    return sorted(found, key=lambda secret: secret.values["url"])


def _object(secret: SecretObject) -> str:
    project = secret.values.get("project", "")
    return f"{project}/{secret.values['url']}" if project else secret.values["url"]


def _described(secret: SecretObject) -> dict[str, Any]:
    values = secret.values
    described: dict[str, Any] = {"repo": without_password(values["url"]), "type": values.get("type") or "git"}
    for field in ("name", "project", "username", "proxy", "noProxy"):
        if values.get(field):
            described[field] = without_password(values[field])
    for switch in ("insecure", "enableLfs", "enableOCI", "forceHttpBasicAuth"):
        if values.get(switch) == "true":
            described[switch] = True
    described["connectionState"] = {"status": "Unknown"}
    return described
