"""Reads the two documents of aggregated discovery (`apidiscovery.k8s.io/v2`).

Invariant: a version that the server marks as stale comes out as failed, with whatever it still lists.
"""

import msgspec

from fairlead.kube.catalogue import GroupVersion
from fairlead.kube.errors import KubeError
from fairlead.kube.resource import Resource

AGGREGATED = (
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,"
    "application/json"
)


class NotAggregatedError(KubeError):
    """The server is older than aggregated discovery."""


class _Kind(msgspec.Struct, frozen=True):
    kind: str = ""


class _Subresource(msgspec.Struct, frozen=True):
    subresource: str


class _Resource(msgspec.Struct, frozen=True, rename="camel"):
    resource: str
    scope: str = ""
    response_kind: _Kind | None = None
    verbs: list[str] = []
    subresources: list[_Subresource] = []


class _Version(msgspec.Struct, frozen=True):
    version: str
    resources: list[_Resource] = []
    freshness: str = "Current"


class _Metadata(msgspec.Struct, frozen=True):
    name: str = ""


class _Group(msgspec.Struct, frozen=True):
    metadata: _Metadata = _Metadata()
    versions: list[_Version] = []


class _Document(msgspec.Struct, frozen=True):
    kind: str = ""
    items: list[_Group] = []


_DOCUMENT = msgspec.json.Decoder(_Document)


def read_aggregated(body: bytes) -> list[GroupVersion]:
    """The group versions of one document, in the server's order.

    Raises NotAggregatedError when the server answered in the older form.
    """
    try:
        document = _DOCUMENT.decode(body)
    except msgspec.DecodeError:
        raise NotAggregatedError("discovery is not in the aggregated form") from None
    if document.kind != "APIGroupDiscoveryList":
        raise NotAggregatedError("discovery is not in the aggregated form")
    return [_entry(group.metadata.name, version) for group in document.items for version in group.versions]


def _entry(group: str, version: _Version) -> GroupVersion:
    failure = None if version.freshness == "Current" else "the API service behind it does not answer"
    resources = tuple(
        _resource(group, version.version, item) for item in version.resources if item.response_kind
    )
    return GroupVersion(group=group, version=version.version, resources=resources, failure=failure)


def _resource(group: str, version: str, item: _Resource) -> Resource:
    return Resource(
        group=group,
        version=version,
        plural=item.resource,
        kind=item.response_kind.kind if item.response_kind else "",
        namespaced=item.scope == "Namespaced",
        verbs=frozenset(item.verbs),
        subresources=frozenset(sub.subresource for sub in item.subresources),
    )
