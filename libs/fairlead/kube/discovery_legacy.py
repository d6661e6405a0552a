"""Discovery as it was before Kubernetes 1.26: one request per group version.

Invariant: a group version whose request fails is in the result, with the reason.
"""

import asyncio
from typing import TypeVar

import msgspec

from fairlead.kube.catalogue import GroupVersion
from fairlead.kube.errors import KubeError, ProtocolError
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient

CONCURRENT_REQUESTS = 8

T = TypeVar("T")


class _Versions(msgspec.Struct, frozen=True):
    versions: list[str] = []


class _GroupVersion(msgspec.Struct, frozen=True, rename="camel"):
    group_version: str
    version: str


class _Group(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    versions: list[_GroupVersion] = []
    preferred_version: _GroupVersion | None = None


class _Groups(msgspec.Struct, frozen=True):
    groups: list[_Group] = []


class _Resource(msgspec.Struct, frozen=True):
    name: str
    kind: str
    namespaced: bool = False
    verbs: list[str] = []


class _Resources(msgspec.Struct, frozen=True):
    resources: list[_Resource] = []


async def discover_each(client: KubeClient) -> list[GroupVersion]:
    """Every group version, core first, each group's preferred version first.

    Raises KubeError when not even the list of groups can be had.
    """
    core = _decode((await client.get_path("/api")).body, _Versions)
    groups = _decode((await client.get_path("/apis")).body, _Groups)
    wanted = [("", version) for version in core.versions]
    wanted += [(group.name, version) for group in groups.groups for version in _ordered(group)]
    gate = asyncio.Semaphore(CONCURRENT_REQUESTS)
    async with asyncio.TaskGroup() as tasks:
        asked = [tasks.create_task(_one(client, gate, group, version)) for group, version in wanted]
    return [task.result() for task in asked]


def _ordered(group: _Group) -> list[str]:
    preferred = group.preferred_version.version if group.preferred_version else ""
    return sorted((entry.version for entry in group.versions), key=lambda version: version != preferred)


async def _one(client: KubeClient, gate: asyncio.Semaphore, group: str, version: str) -> GroupVersion:
    path = f"/apis/{group}/{version}" if group else f"/api/{version}"
    async with gate:
        try:
            listed = _decode((await client.get_path(path)).body, _Resources)
        except KubeError as error:
            return GroupVersion(group=group, version=version, failure=error.message)
    return GroupVersion(group=group, version=version, resources=_resources(group, version, listed.resources))


def _resources(group: str, version: str, listed: list[_Resource]) -> tuple[Resource, ...]:
    subresources: dict[str, set[str]] = {}
    for item in listed:
        name, _, subresource = item.name.partition("/")
        if subresource:
            subresources.setdefault(name, set()).add(subresource)
    return tuple(
        Resource(
            group=group,
            version=version,
            plural=item.name,
            kind=item.kind,
            namespaced=item.namespaced,
            verbs=frozenset(item.verbs),
            subresources=frozenset(subresources.get(item.name, ())),
        )
        for item in listed
        if "/" not in item.name
    )


def _decode(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError:
        raise ProtocolError("discovery answered something else than resources") from None
