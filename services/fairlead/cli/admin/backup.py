"""What a backup holds: settings, secrets and custom resources of a control plane, as people write them.

The invariant: an export of what was imported is the same export.
"""

from collections.abc import AsyncIterator
from typing import Any

import msgspec

from fairlead.cli.admin.control_plane import CONFIG_MAPS, SECRETS
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient

Manifest = dict[str, Any]
CONFIGURATION = ("argocd-cm", "argocd-rbac-cm", "argocd-ssh-known-hosts-cm", "argocd-tls-certs-cm")
OWN_SECRET = "argocd-secret"  # noqa: S105 - a name
SECRET_TYPE = "argocd.argoproj.io/secret-type"  # noqa: S105 - a label
SECRET_TYPES = ("cluster", "repository", "repo-creds", "repository-write", "repo-write-creds")
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_KEPT = ("name", "annotations", "labels", "finalizers")


def _kind(kind: str, plural: str) -> Resource:
    return Resource(group="argoproj.io", version="v1alpha1", plural=plural, kind=kind, namespaced=True)


PROJECTS = _kind("AppProject", "appprojects")
APPLICATIONS = _kind("Application", "applications")
APPLICATION_SETS = _kind("ApplicationSet", "applicationsets")
KINDS = {each.kind: each for each in (CONFIG_MAPS, SECRETS, PROJECTS, APPLICATIONS, APPLICATION_SETS)}


async def exported(client: KubeClient, namespace: str, others: list[str]) -> AsyncIterator[Manifest]:
    """Everything that is the control plane's; `others` are namespaces that hold applications as well."""
    for name in CONFIGURATION:
        found = await _one(client, CONFIG_MAPS, name, namespace)
        if found is not None:
            yield kept(found, CONFIG_MAPS, namespace)
    own = await _one(client, SECRETS, OWN_SECRET, namespace)
    if own is not None:
        yield kept(own, SECRETS, namespace)
    for secret in await everything(client, SECRETS, namespace):
        labels = (secret.get("metadata") or {}).get("labels") or {}
        if labels.get(SECRET_TYPE) in SECRET_TYPES:
            yield kept(secret, SECRETS, namespace)
    for project in await everything(client, PROJECTS, namespace):
        yield kept(project, PROJECTS, namespace)
    for resource in (APPLICATIONS, APPLICATION_SETS):
        for home in dict.fromkeys([namespace, *others]):
            for found in await everything(client, resource, home):
                yield kept(found, resource, namespace)


def kept(found: Manifest, resource: Resource, namespace: str) -> Manifest:
    """An object as a backup has it."""
    metadata = {key: value for key, value in found["metadata"].items() if key in _KEPT and value}
    (metadata.get("annotations") or {}).pop(_LAST_APPLIED, None)
    if metadata.get("annotations") == {}:
        del metadata["annotations"]
    if found["metadata"].get("namespace") != namespace:
        metadata["namespace"] = found["metadata"].get("namespace")
    rest = {key: value for key, value in found.items() if key in ("data", "spec", "type", "operation")}
    return {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": metadata, **rest}


async def _one(client: KubeClient, resource: Resource, name: str, namespace: str) -> Manifest | None:
    raw = await client.find(resource, name, namespace)
    return None if raw is None else msgspec.json.decode(raw, type=Manifest)


async def everything(client: KubeClient, resource: Resource, namespace: str) -> list[Manifest]:
    """All objects of a kind in a namespace."""
    raw = await client.list_all(resource, namespace)
    return [msgspec.json.decode(item, type=Manifest) for item in raw]
