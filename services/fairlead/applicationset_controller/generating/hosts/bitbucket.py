"""Bitbucket, in the cloud and as a server: two products with two APIs.

Sources: developer.atlassian.com, "Bitbucket Cloud REST API" 2.0 and "Bitbucket Data Center REST API" 1.0.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Final, Generic, TypeVar

import msgspec

from fairlead.applicationset_controller.generating.hosts.door import Door, Pairs
from fairlead.applicationset_controller.generating.hosts.errors import HostError
from fairlead.applicationset_controller.generating.hosts.pages import PAGE
from fairlead.applicationset_controller.generating.hosts.shown import base_of
from fairlead.applicationset_controller.generating.hosts.visit import Visit
from fairlead.model.providers import PullRequestBitbucketServer, ScmBitbucketServer

CLOUD: Final = "Bitbucket"
SERVER: Final = "Bitbucket Server"
PUBLIC: Final = "https://api.bitbucket.org/2.0"
VARIABLE: Final = "BITBUCKET_API_BASE_URL"
"""The environment's word for another address of the cloud."""
_REST: Final = "/rest"
_VERSION: Final = "/api/1.0"

T = TypeVar("T")


class CloudPage(msgspec.Struct, Generic[T]):
    """What the cloud answers with."""

    values: list[T]
    next: str | None = None


class ServerPage(msgspec.Struct, Generic[T]):
    """What a server answers with."""

    values: list[T]
    is_last: bool = msgspec.field(name="isLastPage")
    next_start: int | None = msgspec.field(name="nextPageStart", default=None)


def cloud(visit: Visit, authorization: str, api: str = "") -> Door:
    """The cloud's door. Raises GeneratorError."""
    base = base_of(api or visit.hosts.environment.get(VARIABLE, ""), PUBLIC)
    return visit.hosts.door(CLOUD, base, authorization=authorization)


async def server(block: ScmBitbucketServer | PullRequestBitbucketServer, visit: Visit) -> Door:
    """A server's door. Raises GeneratorError."""
    visit.admit(block.api)
    base = base_of(block.api).removesuffix(_REST) + _REST + _VERSION
    authorities = await visit.authorities(block.ca_ref)
    shown = await visit.credentials.basic_or_bearer(block.basic_auth, block.bearer_token)
    return visit.hosts.door(
        SERVER, base, authorization=shown, insecure=block.insecure, authorities=authorities
    )


async def cloud_pages(
    door: Door, path: str, kind: type[CloudPage[T]], query: Pairs = ()
) -> AsyncIterator[Sequence[T]]:
    """Pages, each of which names the next."""
    page = (await door.get(path, kind, query)).value
    yield page.values
    while page.next:
        page = (await door.get(page.next, kind)).value
        yield page.values


async def server_pages(
    door: Door, path: str, kind: type[ServerPage[T]], query: Pairs = ()
) -> AsyncIterator[Sequence[T]]:
    """Pages by the place at which they start."""
    start = 0
    while True:
        asked = (*query, ("limit", str(PAGE)), ("start", str(start)))
        page = (await door.get(path, kind, asked)).value
        yield page.values
        if page.is_last:
            return
        if page.next_start is None or page.next_start <= start:
            raise HostError(f"{door.name}: {door.host} does not say where the next page of a listing is")
        start = page.next_start
