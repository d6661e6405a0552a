"""Bringing Fairlead's objects into a cluster: namespace, definitions, accounts, configuration.

The invariant: what an operator may have edited (config maps, secrets) is created when missing and never
changed.
"""

import asyncio
from collections.abc import Iterable
from pathlib import Path

import msgspec
import structlog
import yaml

from fairlead.kube.errors import AlreadyExistsError
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.local.errors import KubernetesError
from fairlead.local.sources import source_folder

log = structlog.get_logger(__name__)

FIELD_MANAGER = "fairlead-install"
ESTABLISH_SECONDS = 30.0
_POLL = 0.05

_RBAC = "rbac.authorization.k8s.io"


def _resource(group: str, version: str, kind: str, plural: str, *, namespaced: bool = True) -> Resource:
    return Resource(group=group, version=version, plural=plural, kind=kind, namespaced=namespaced)


NAMESPACES = _resource("", "v1", "Namespace", "namespaces", namespaced=False)
SERVICE_ACCOUNTS = _resource("", "v1", "ServiceAccount", "serviceaccounts")
DEFINITIONS = _resource(
    "apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", namespaced=False
)
_RESOURCES = {
    resource.kind: resource
    for resource in (
        NAMESPACES,
        SERVICE_ACCOUNTS,
        DEFINITIONS,
        _resource("", "v1", "ConfigMap", "configmaps"),
        _resource("", "v1", "Secret", "secrets"),
        _resource(_RBAC, "v1", "Role", "roles"),
        _resource(_RBAC, "v1", "RoleBinding", "rolebindings"),
        _resource(_RBAC, "v1", "ClusterRole", "clusterroles", namespaced=False),
        _resource(_RBAC, "v1", "ClusterRoleBinding", "clusterrolebindings", namespaced=False),
    )
}
KINDS = ("crds",)
"""The folder of deploy/manifests that a cluster is given once."""
PARTS = ("config", "rbac")
"""The folders of what each namespace of ours is given; no process of a cluster runs any of it."""
PARAMETERS = "argocd-cmd-params-cm"
_OPERATORS_OWN = {"ConfigMap", "Secret"}

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Object = dict[str, object]


async def install(client: KubeClient, namespace: str, *, hydrates: bool = False) -> None:
    """Make the cluster ready for Fairlead in `namespace`; doing it again changes nothing. With `hydrates` the
    source hydrator is on where nobody said otherwise.

    Raises KubernetesError when a definition is not served within ESTABLISH_SECONDS, or a KubeError.
    """
    await install_kinds(client)
    await install_namespace(client, namespace)
    if hydrates:
        await _switch_on(client, namespace, "hydrator.enabled")


async def install_kinds(client: KubeClient) -> None:
    """The definitions of our kinds, which are large: once for a cluster. Raises what `install` raises."""
    objects = await asyncio.to_thread(_read_manifests, KINDS, "")
    await _install_all(client, "", objects)
    await _until_established(client, list(map(_name, objects)))


async def install_namespace(client: KubeClient, namespace: str) -> None:
    """The namespace with accounts, rights and configuration, in a cluster that knows our kinds."""
    await client.apply(
        NAMESPACES,
        namespace,
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}},
        field_manager=FIELD_MANAGER,
    )
    objects = await asyncio.to_thread(_read_manifests, PARTS, namespace)
    await _install_all(client, namespace, objects)
    log.info("install.done", namespace=namespace, objects=len(objects))


async def _install_all(client: KubeClient, namespace: str, objects: list[Object]) -> None:
    """All side by side; of several that fail one says why. Raises KubeError."""
    try:
        async with asyncio.TaskGroup() as group:
            for item in objects:
                group.create_task(_install_one(client, namespace, item))
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None


async def _install_one(client: KubeClient, namespace: str, item: Object) -> None:
    resource = _RESOURCES[str(item["kind"])]
    if resource.kind in _OPERATORS_OWN:
        try:
            await client.create(resource, item, namespace)
        except AlreadyExistsError:
            return
    else:
        await client.apply(resource, _name(item), item, namespace, field_manager=FIELD_MANAGER)


async def _switch_on(client: KubeClient, namespace: str, key: str) -> None:
    """Set a parameter that is absent."""
    maps = _RESOURCES["ConfigMap"]
    found = msgspec.json.decode(await client.get(maps, PARAMETERS, namespace))
    if key not in (found.get("data") or {}):
        await client.merge_patch(maps, PARAMETERS, {"data": {key: "true"}}, namespace)


async def _until_established(client: KubeClient, names: list[str]) -> None:
    try:
        async with asyncio.timeout(ESTABLISH_SECONDS):
            for name in names:
                while not _is_established(await client.get(DEFINITIONS, name)):
                    await asyncio.sleep(_POLL)
    except TimeoutError as error:
        raise KubernetesError(
            f"the cluster does not serve {', '.join(names)} {ESTABLISH_SECONDS:.0f} s after they were applied"
        ) from error


def _is_established(body: bytes) -> bool:
    conditions = msgspec.json.decode(body).get("status", {}).get("conditions") or ()
    return any(item["type"] == "Established" and item["status"] == "True" for item in conditions)


def _read_manifests(parts: Iterable[str], namespace: str) -> list[Object]:
    folder = source_folder("deploy/manifests")
    files = sorted(file for part in parts for file in (folder / part).glob("*-*.yaml"))
    return [_placed(item, namespace) for file in files for item in _documents(file)]


def _documents(file: Path) -> list[Object]:
    return [item for item in yaml.load_all(file.read_text(), Loader=_LOADER) if item]


def _placed(item: Object, namespace: str) -> Object:
    metadata = dict(_mapping(item["metadata"]))
    kind = str(item["kind"])
    if _RESOURCES[kind].namespaced:
        metadata["namespace"] = namespace
    placed: Object = {**item, "metadata": metadata}
    subjects = item.get("subjects")
    if isinstance(subjects, list):
        placed["subjects"] = [{**subject, "namespace": namespace} for subject in subjects]
    return placed


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _name(item: Object) -> str:
    return str(_mapping(item["metadata"])["name"])
