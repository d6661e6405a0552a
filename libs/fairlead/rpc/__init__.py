"""Questions between processes and their answers, one module per process that answers.

Requests are typed msgpack like events; a refusal carries one of the error names of gRPC, so that the API
answers with the same code without guessing. Answers too large for a message travel through the cache.
"""

from fairlead.rpc.controller import (
    ApplicationQuery,
    LiveResource,
    ManagedResource,
    ManagedResources,
    ResourceNode,
    ResourceRef,
    ResourceTree,
)
from fairlead.rpc.rendered import RenderedSet
from fairlead.rpc.repo import (
    DescribeRevision,
    FetchedManifests,
    FetchManifests,
    GeneratedManifests,
    GenerateManifests,
    LookAtRepository,
    LookedAtRepository,
    RenderedSource,
    RevisionDescription,
    TestedRepository,
    TestRepository,
)

__all__ = [
    "ApplicationQuery",
    "DescribeRevision",
    "FetchManifests",
    "FetchedManifests",
    "GenerateManifests",
    "GeneratedManifests",
    "LiveResource",
    "LookAtRepository",
    "LookedAtRepository",
    "ManagedResource",
    "ManagedResources",
    "RenderedSet",
    "RenderedSource",
    "ResourceNode",
    "ResourceRef",
    "ResourceTree",
    "RevisionDescription",
    "TestRepository",
    "TestedRepository",
]
