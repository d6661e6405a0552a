"""What a backup holds: settings, secrets and custom resources of a control plane, as people write them.

The invariant: an export of what was imported is the same export.
"""

from collections.abc import AsyncIterator, Iterable
from typing import Any

import msgspec

from fairlead.cli.admin.control_plane import CONFIG_MAPS, SECRETS
from fairlead.cli.command import Values
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.matching.project import names_namespace
from fairlead.settings.parameters import CONFIG_MAP as PARAMETERS
from fairlead.settings.reading import Reader

Manifest = dict[str, Any]
CONFIGURATION = ("argocd-cm", "argocd-rbac-cm", "argocd-ssh-known-hosts-cm", "argocd-tls-certs-cm")
OWN_SECRET = "argocd-secret"  # noqa: S105 - a name
SECRET_TYPE = "argocd.argoproj.io/secret-type"  # noqa: S105 - a label
SECRET_TYPES = ("cluster", "repository", "repo-creds", "repository-write", "repo-write-creds")
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_PATTERN = frozenset("*?[]{}!/\\")
"""What makes a pattern of a namespace's name."""
_KEPT = ("name", "annotations", "labels", "finalizers")


def _kind(kind: str, plural: str) -> Resource:
    return Resource(group="argoproj.io", version="v1alpha1", plural=plural, kind=kind, namespaced=True)


PROJECTS = _kind("AppProject", "appprojects")
APPLICATIONS = _kind("Application", "applications")
APPLICATION_SETS = _kind("ApplicationSet", "applicationsets")
KINDS = {each.kind: each for each in (CONFIG_MAPS, SECRETS, PROJECTS, APPLICATIONS, APPLICATION_SETS)}


class Homes(msgspec.Struct, frozen=True, kw_only=True):
    """Patterns of the namespaces that hold applications and application sets beside the control plane's."""

    applications: tuple[str, ...] = ()
    application_sets: tuple[str, ...] = ()

    def of(self, kind: str) -> tuple[str, ...]:
        """Those of a kind; nothing for kinds that live in the control plane's namespace alone."""
        return {
            APPLICATIONS.kind: self.applications,
            APPLICATION_SETS.kind: self.application_sets,
        }.get(kind, ())


async def homes(client: KubeClient, namespace: str, values: Values) -> Homes:
    """What the flags say, else what argocd-cmd-params-cm says to the control plane."""
    raw = await client.find(CONFIG_MAPS, PARAMETERS, namespace)
    data = {} if raw is None else msgspec.json.decode(raw, type=Manifest).get("data") or {}
    read = Reader(PARAMETERS, data)
    return Homes(
        applications=tuple(values.many("application-namespaces")) or read.words("application.namespaces"),
        application_sets=tuple(values.many("applicationset-namespaces"))
        or read.words("applicationsetcontroller.namespaces"),
    )


def is_home(namespace: str, patterns: Iterable[str]) -> bool:
    """Whether a namespace is one of those meant."""
    return any(names_namespace(pattern, namespace) for pattern in patterns)


async def exported(client: KubeClient, namespace: str, others: Homes) -> AsyncIterator[Manifest]:
    """Everything that is the control plane's; `others` are where applications are as well."""
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
        for found in await _at_homes(client, resource, namespace, others.of(resource.kind)):
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


async def _at_homes(
    client: KubeClient, resource: Resource, namespace: str, patterns: tuple[str, ...]
) -> list[Manifest]:
    """All objects of a kind there. Who names namespaces needs rights in these alone; a pattern needs them in
    the whole cluster."""
    if not any(_PATTERN & set(pattern) for pattern in patterns):
        named = dict.fromkeys([namespace, *patterns])
        return [found for home in named for found in await everything(client, resource, home)]
    found = await everything(client, resource, None)
    return [
        each
        for each in found
        if (home := str(each["metadata"]["namespace"])) == namespace or is_home(home, patterns)
    ]


async def _one(client: KubeClient, resource: Resource, name: str, namespace: str) -> Manifest | None:
    raw = await client.find(resource, name, namespace)
    return None if raw is None else msgspec.json.decode(raw, type=Manifest)


async def everything(client: KubeClient, resource: Resource, namespace: str | None) -> list[Manifest]:
    """All objects of a kind in a namespace, or in all of them."""
    raw = await client.list_all(resource, namespace)
    return [msgspec.json.decode(item, type=Manifest) for item in raw]
