"""Reads single objects that generators name: Secrets, ConfigMaps, decisions of other controllers.

Nothing of them is kept. Invariant: what cannot be read is a SourceError; nothing that was read is logged.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from fairlead.applicationset_controller.generating.errors import SourceError
from fairlead.kube.collection import CONFIG_MAPS, SECRETS
from fairlead.kube.discovery import Discovery
from fairlead.kube.errors import KubeError
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.manifest.identity import split_api_version
from fairlead.model.metadata import LabelSelector

SECRET_TYPE: Final = "argocd.argoproj.io/secret-type"  # noqa: S105 - a label
SCM_CREDENTIALS: Final = "scm-creds"
NEVER_LENT: Final = frozenset(
    (
        "argocd-initial-admin-secret",
        "argocd-nats",
        "argocd-redis",
        "fairlead-keys",
        "fairlead-nats",
        "fairlead-redis",
    )
)
"""Secrets of the control plane itself: what is in them is no token for a host that a set names."""
CLUSTER: Final = "cluster"
KEYS: Final = "app.kubernetes.io/name", "fairlead-keys"
"""The label of the Secret with our keys, which may have another name."""
MOST_OBJECTS: Final = 1_000
"""Objects that one selector may choose."""
_OPERATORS: Final = {"In": "in", "NotIn": "notin"}


class Objects:
    """Reads from the control plane's cluster."""

    def __init__(self, client: KubeClient) -> None:
        self._client = client
        self._discovery = Discovery(client)

    async def secret(self, namespace: str, name: str, key: str, *, strict: bool) -> str:
        """A value of a Secret; a strict look takes only a credential of an SCM. Raises SourceError."""
        found = await self._secret(namespace, name)
        if strict and (found.metadata.labels or {}).get(SECRET_TYPE) != SCM_CREDENTIALS:
            raise SourceError(
                f"secret {namespace}/{name} is not labelled {SECRET_TYPE}={SCM_CREDENTIALS}, as is asked"
            )
        if key not in (found.data or {}):
            raise SourceError(f"key {key!r} in secret {namespace}/{name} not found")
        return _text((found.data or {})[key], f"{namespace}/{name}")

    async def secret_data(self, namespace: str, name: str) -> Mapping[str, str]:
        """All values of a Secret. Raises SourceError."""
        found = await self._secret(namespace, name)
        return {key: _text(value, f"{namespace}/{name}") for key, value in (found.data or {}).items()}

    async def config_map(self, namespace: str, name: str) -> Mapping[str, str]:
        """The data of a ConfigMap. Raises SourceError."""
        raw = await self._find(CONFIG_MAPS, namespace, name)
        return msgspec.json.decode(raw, type=_Map).data or {}

    async def objects(
        self,
        api_version: str,
        kind: str,
        namespace: str,
        *,
        name: str = "",
        selector: LabelSelector | None = None,
    ) -> Sequence[Mapping[str, Any]]:
        """Objects by name or labels; the kind may be written as its resource. Raises SourceError."""
        resource = await self._resource(api_version, kind)
        place = namespace if resource.namespaced else None
        if name:
            return [msgspec.json.decode(await self._find(resource, place or "", name))]
        try:
            found = await self._client.list_all(
                resource, place, label_selector=written(selector) if selector is not None else ""
            )
        except KubeError as error:
            raise SourceError(f"{kind} of {api_version} cannot be listed: {error.message}") from error
        if len(found) > MOST_OBJECTS:
            raise SourceError(f"the selector chooses more than {MOST_OBJECTS} of {kind}")
        return [msgspec.json.decode(raw) for raw in found]

    async def _secret(self, namespace: str, name: str) -> _Secret:
        """One that may be shown to a host that a set names: whoever may make sets in one project names it."""
        found = msgspec.json.decode(await self._find(SECRETS, namespace, name), type=_Secret)
        labels = found.metadata.labels or {}
        if name in NEVER_LENT or labels.get(SECRET_TYPE) == CLUSTER or labels.get(KEYS[0]) == KEYS[1]:
            words = "is the control plane's own and lent to no generator"
            raise SourceError(f"secret {namespace}/{name} {words}")
        return found

    async def _find(self, resource: Resource, namespace: str, name: str) -> bytes:
        try:
            raw = await self._client.find(resource, name, namespace or None)
        except KubeError as error:
            raise SourceError(
                f"{resource.kind} {namespace}/{name} cannot be read: {error.message}"
            ) from error
        if raw is None:
            raise SourceError(f"{resource.kind} {namespace}/{name} not found")
        return raw

    async def _resource(self, api_version: str, kind: str) -> Resource:
        found = self._named(api_version, kind)
        if found is not None:
            return found
        try:
            await self._discovery.refresh()
        except KubeError as error:
            raise SourceError(f"the cluster does not say what it serves: {error.message}") from error
        found = self._named(api_version, kind)
        if found is None:
            raise SourceError(f"{kind} of {api_version} is not served by the cluster")
        return found

    def _named(self, api_version: str, kind: str) -> Resource | None:
        group, version = split_api_version(api_version)
        for entry in self._discovery.catalogue.versions:
            if (entry.group, entry.version) != (group, version):
                continue
            for resource in entry.resources:
                if kind.lower() in (resource.kind.lower(), resource.plural.lower()):
                    return resource
        return None


def written(selector: LabelSelector) -> str:
    """A selector as a query of the API server. Raises SourceError for an operator that there is none of."""
    parts = [f"{key}={value}" for key, value in sorted(selector.match_labels.items())]
    for requirement in selector.match_expressions:
        key, operator = requirement.key, requirement.operator
        if operator in _OPERATORS:
            parts.append(f"{key} {_OPERATORS[operator]} ({','.join(requirement.values)})")
        elif operator == "Exists":
            parts.append(key)
        elif operator == "DoesNotExist":
            parts.append(f"!{key}")
        else:
            raise SourceError(f"{operator!r} is not a valid label selector operator")
    return ",".join(parts)


class _Metadata(msgspec.Struct, frozen=True):
    labels: dict[str, str] | None = None


class _Secret(msgspec.Struct, frozen=True):
    metadata: _Metadata = _Metadata()
    data: dict[str, str] | None = None


class _Map(msgspec.Struct, frozen=True):
    data: dict[str, str] | None = None


def _text(value: str, name: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise SourceError(f"a value of secret {name} is no text") from None
