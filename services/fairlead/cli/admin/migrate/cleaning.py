"""`admin migrate back --clean`: what Fairlead left that Argo CD has no use for.

All of it is harmless where it stays: annotations that nobody else reads, Leases that nobody renews, a Secret
of ended sessions. Invariant: nothing but that is touched; what people wrote for Fairlead, such as thresholds
of the guard on a project, stays.
"""

from __future__ import annotations

import msgspec

from fairlead.cli.admin.backup import APPLICATION_SETS, APPLICATIONS, Homes, is_home
from fairlead.cli.admin.control_plane import SECRETS
from fairlead.kube.errors import NotFoundError
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.model.noted import NOTED
from fairlead.process.lease import LEASES
from fairlead.sync.let_go import APPROVED_LIST

ANNOTATIONS = (*NOTED, APPROVED_LIST)
SESSIONS = "fairlead-sessions"
LEASE_PREFIX = "fairlead-"


class _Metadata(msgspec.Struct):
    name: str
    namespace: str = ""
    annotations: dict[str, str] | None = None


class _Head(msgspec.Struct):
    metadata: _Metadata


async def clean(client: KubeClient, namespace: str, homes: Homes, *, is_dry: bool) -> None:
    """Take it off, saying what. Raises KubeError."""
    for resource, patterns in (
        (APPLICATIONS, homes.applications),
        (APPLICATION_SETS, homes.application_sets),
    ):
        where = None if patterns else namespace
        for raw in await client.list_all(resource, where):
            metadata = msgspec.json.decode(raw, type=_Head).metadata
            home = metadata.namespace or namespace
            if home == namespace or is_home(home, patterns):
                await _annotations(client, resource, metadata, home, is_dry=is_dry)
    for raw in await client.list_all(LEASES, namespace):
        name = msgspec.json.decode(raw, type=_Head).metadata.name
        if name.startswith(LEASE_PREFIX):
            await _gone(client, LEASES, name, namespace, is_dry=is_dry)
    if await client.find(SECRETS, SESSIONS, namespace) is not None:
        await _gone(client, SECRETS, SESSIONS, namespace, is_dry=is_dry)


async def _annotations(
    client: KubeClient, resource: Resource, metadata: _Metadata, home: str, *, is_dry: bool
) -> None:
    found = {name: None for name in ANNOTATIONS if name in (metadata.annotations or {})}
    if not found:
        return
    if not is_dry:
        try:
            await client.merge_patch(resource, metadata.name, {"metadata": {"annotations": found}}, home)
        except NotFoundError:
            return
    word = "would be" if is_dry else "are"
    print(f"{resource.kind} {home}/{metadata.name}: {', '.join(sorted(found))} {word} taken off")


async def _gone(client: KubeClient, resource: Resource, name: str, home: str, *, is_dry: bool) -> None:
    if not is_dry:
        try:
            await client.delete(resource, name, home)
        except NotFoundError:
            return
    print(f"{resource.kind} {home}/{name} {'would be' if is_dry else 'is'} deleted")
