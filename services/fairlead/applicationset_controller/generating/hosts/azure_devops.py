"""Azure DevOps' API, in the cloud and as a server (learn.microsoft.com/rest/api/azure/devops)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final, Generic, TypeVar

import msgspec

from fairlead.applicationset_controller.generating.hosts.door import Door, Pairs
from fairlead.applicationset_controller.generating.hosts.segments import segment
from fairlead.applicationset_controller.generating.hosts.shown import base_of, basic_header
from fairlead.applicationset_controller.generating.hosts.visit import Visit
from fairlead.model.providers import SecretRef

NAME: Final = "Azure DevOps"
PUBLIC: Final = "https://dev.azure.com"
VERSION: Final = ("api-version", "7.0")
HEADS: Final = "refs/heads/"
_CONTINUED: Final = "x-ms-continuationtoken"

T = TypeVar("T")


class Values(msgspec.Struct, Generic[T]):
    """What is answered with."""

    value: list[T]


async def azure_devops(
    api: str, organization: str, project: str, token: SecretRef | None, visit: Visit
) -> Door:
    """The door to a project. Raises GeneratorError."""
    visit.admit(api)
    where = f"{segment('organization', organization)}/{segment('project', project)}"
    base = f"{base_of(api, PUBLIC)}/{where}/_apis/git"
    shown = await visit.credentials.token(token)
    return visit.hosts.door(
        NAME,
        base,
        authorization=basic_header("", shown) if shown else "",
        authorities=await visit.authorities(),
    )


async def continued(door: Door, path: str, kind: type[Values[T]], query: Pairs) -> AsyncIterator[Sequence[T]]:
    """Pages, with a token in a header where there are more."""
    page = await door.get(path, kind, (*query, VERSION), onward=_token)
    yield page.value.value
    while page.onward:
        further = (*query, VERSION, ("continuationToken", page.onward))
        page = await door.get(path, kind, further, onward=_token)
        yield page.value.value


def _token(headers: Mapping[str, str]) -> str:
    return headers.get(_CONTINUED, "").strip()
