"""What a check reads of an installation, once; nothing is concluded here.

Invariant: only reads. Values of Secrets are decoded for the judgement and appear in no report.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from typing import Any

import msgspec

from fairlead.cli.admin.backup import (
    APPLICATION_SETS,
    APPLICATIONS,
    PROJECTS,
    SECRET_TYPE,
    Homes,
    is_home,
)
from fairlead.cli.admin.control_plane import CONFIG_MAPS, SECRETS
from fairlead.cli.admin.migrate.workloads import Manifest, Workload, workloads
from fairlead.kube.errors import ForbiddenError, KubeError
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.settings.parameters import CONFIG_MAP as PARAMETERS
from fairlead.settings.reading import Reader

SETTINGS, RBAC, NOTIFICATIONS = "argocd-cm", "argocd-rbac-cm", "argocd-notifications-cm"
MAPS = (SETTINGS, PARAMETERS, RBAC, NOTIFICATIONS)
NOTIFICATION_SECRET = "argocd-notifications-secret"  # noqa: S105 - a name
DEFINITIONS = Resource(
    group="apiextensions.k8s.io",
    version="v1",
    plural="customresourcedefinitions",
    kind="CustomResourceDefinition",
    namespaced=False,
)
DEPLOYMENTS = Resource(group="apps", version="v1", plural="deployments", kind="Deployment", namespaced=True)


class Secret(msgspec.Struct, frozen=True, kw_only=True):
    """A Secret that declares something: its type, and its values by field."""

    name: str
    type: str
    annotations: dict[str, str]
    values: dict[str, str]

    def __repr__(self) -> str:
        return f"Secret({self.name})"


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything read. `refused` says what could not be, for want of rights; `elsewhere` are control planes
    in other namespaces, `neighbours` names of Deployments that work on Applications as well."""

    namespace: str
    workloads: tuple[Workload, ...]
    elsewhere: tuple[Workload, ...]
    neighbours: tuple[str, ...]
    maps: dict[str, dict[str, str]]
    notification_secret: dict[str, str]
    secrets: tuple[Secret, ...]
    definitions: dict[str, Manifest]
    applications: tuple[bytes, ...]
    sets: tuple[bytes, ...]
    projects: tuple[bytes, ...]
    refused: tuple[str, ...]

    @property
    def theirs(self) -> list[Workload]:
        """Argo CD's workloads."""
        return [one for one in self.workloads if not one.is_ours]


async def gather(client: KubeClient, namespace: str, homes: Homes) -> Facts:
    """All facts. Raises KubeError when the namespace itself cannot be read."""
    refused: list[str] = []

    async def listed(what: str, resource: Resource, where: str | None) -> list[bytes]:
        try:
            return await client.list_all(resource, where)
        except ForbiddenError:
            refused.append(what)
        except KubeError as error:
            if error.status != 404:
                raise
        return []

    maps = {name: await _map(client, name, namespace) for name in MAPS}
    everywhere = [_decoded(raw) for raw in await listed("Deployments of all namespaces", DEPLOYMENTS, None)]
    secrets = [_decoded(raw) for raw in await client.list_all(SECRETS, namespace)]
    notified = next((one for one in secrets if one["metadata"]["name"] == NOTIFICATION_SECRET), {})
    definitions = {}
    for resource in (APPLICATIONS, APPLICATION_SETS, PROJECTS):
        raw = await client.find(DEFINITIONS, f"{resource.plural}.argoproj.io")
        if raw is not None:
            definitions[resource.plural] = _decoded(raw)
    applications = await _at(listed, APPLICATIONS, namespace, homes.applications)
    sets = await _at(listed, APPLICATION_SETS, namespace, homes.application_sets)
    return Facts(
        namespace=namespace,
        workloads=tuple(await workloads(client, namespace)),
        elsewhere=tuple(await _elsewhere(client, namespace, refused)),
        neighbours=tuple(sorted(_neighbours(everywhere))),
        maps=maps,
        notification_secret=_plain(notified.get("data") or {}),
        secrets=tuple(_secret(one) for one in secrets if _type(one)),
        definitions=definitions,
        applications=tuple(applications),
        sets=tuple(sets),
        projects=tuple(await listed("AppProjects", PROJECTS, namespace)),
        refused=tuple(refused),
    )


async def _map(client: KubeClient, name: str, namespace: str) -> dict[str, str]:
    raw = await client.find(CONFIG_MAPS, name, namespace)
    data = {} if raw is None else _decoded(raw).get("data") or {}
    return {str(key): str(value) for key, value in data.items()}


async def _at(listed: Any, resource: Resource, namespace: str, patterns: tuple[str, ...]) -> Iterable[bytes]:
    if not patterns:
        return list(await listed(f"{resource.kind}s", resource, namespace))
    found: list[bytes] = await listed(f"{resource.kind}s of all namespaces", resource, None)
    homes = ((str(_decoded(raw)["metadata"].get("namespace")), raw) for raw in found)
    return [raw for home, raw in homes if home == namespace or is_home(home, patterns)]


async def _elsewhere(client: KubeClient, namespace: str, refused: list[str]) -> list[Workload]:
    try:
        found = await workloads(client, None)
    except ForbiddenError:
        refused.append("workloads of all namespaces")
        return []
    return [one for one in found if one.namespace != namespace]


def _neighbours(deployments: Iterable[Manifest]) -> Iterable[str]:
    for one in deployments:
        metadata = one["metadata"]
        for container in one["spec"]["template"]["spec"].get("containers") or ():
            image = str(container.get("image", ""))
            if any(word in image for word in ("argocd-image-updater", "argo-rollouts", "argocd-operator")):
                yield f"{metadata['namespace']}/{metadata['name']} ({image})"


def parameters(facts: Facts) -> Reader:
    """argocd-cmd-params-cm."""
    return Reader(PARAMETERS, facts.maps[PARAMETERS])


def _decoded(raw: bytes) -> Manifest:
    return msgspec.json.decode(raw, type=Manifest)


def _type(secret: Manifest) -> str:
    return str((secret["metadata"].get("labels") or {}).get(SECRET_TYPE, ""))


def _secret(found: Manifest) -> Secret:
    return Secret(
        name=found["metadata"]["name"],
        type=_type(found),
        annotations=found["metadata"].get("annotations") or {},
        values=_plain(found.get("data") or {}),
    )


def _plain(data: dict[str, str]) -> dict[str, str]:
    found = {}
    for key, value in data.items():
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            found[key] = ""
    return found
