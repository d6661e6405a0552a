"""The AppProject: which sources, destinations, kinds and people belong together.

Invariant: `namespaceResourceWhitelist` absent allows every namespaced kind and empty allows none; it is
the one list where the two differ.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, field

from fairlead.model.metadata import API_VERSION, ObjectMeta, Record
from fairlead.model.status import Destination

Description = Annotated[str, Meta(extra_json_schema={"maxLength": 255})]


class GpgMode(StrEnum):
    """Which commits must be signed: none, the deployed one, or all that lead to it."""

    NONE = "none"
    HEAD = "head"
    STRICT = "strict"


class DestinationServiceAccount(Record, frozen=True, kw_only=True):
    """The account that syncs to matching destinations."""

    server: str = field(default_factory=str)
    namespace: str = ""
    default_service_account: str = field(default_factory=str)


class ClusterResource(Record, frozen=True, kw_only=True):
    """A cluster-scoped kind, optionally only objects of one name; globs."""

    group: str = field(default_factory=str)
    kind: str = field(default_factory=str)
    name: str = ""


class NamespaceResource(Record, frozen=True, kw_only=True):
    """A namespaced kind; globs."""

    group: str = field(default_factory=str)
    kind: str = field(default_factory=str)


class JwtToken(Record, frozen=True, kw_only=True):
    """An issued token: seconds since the epoch; without exp it does not end."""

    iat: int = field(default_factory=int)
    exp: int = 0
    id: str = ""


class ProjectRole(Record, frozen=True, kw_only=True):
    """A named set of permissions inside the project."""

    name: str = field(default_factory=str)
    description: str = ""
    policies: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    jwt_tokens: tuple[JwtToken, ...] = ()


class SyncWindow(Record, frozen=True, kw_only=True):
    """Times at which syncs are allowed or denied."""

    kind: str = ""
    schedule: str = ""
    duration: str = ""
    time_zone: str = ""
    applications: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    manual_sync: bool = False
    and_operator: bool = False
    sync_overrun: bool = False
    description: Description = ""


class OrphanedResource(Record, frozen=True, kw_only=True):
    """Objects that are not reported as orphans; globs."""

    group: str = ""
    kind: str = ""
    name: str = ""


class OrphanedResources(Record, frozen=True, kw_only=True):
    """Watch for objects that no application owns."""

    warn: bool | None = None
    ignore: tuple[OrphanedResource, ...] = ()


class SourceIntegrityRepo(Record, frozen=True, kw_only=True):
    """Repositories a policy is for; a glob."""

    url: str = field(default_factory=str)


class SourceIntegrityGpg(Record, frozen=True, kw_only=True):
    """Which commits must carry a signature by one of the keys."""

    mode: GpgMode = field(default_factory=lambda: GpgMode.NONE)
    keys: tuple[str, ...] = field(default_factory=lambda: ())


class SourceIntegrityPolicy(Record, frozen=True, kw_only=True):
    """A signature rule for some repositories."""

    repos: tuple[SourceIntegrityRepo, ...] = field(default_factory=lambda: ())
    gpg: SourceIntegrityGpg = field(default_factory=SourceIntegrityGpg)


class SourceIntegrityGit(Record, frozen=True, kw_only=True):
    """Signature rules for Git; at most one may match a repository."""

    policies: tuple[SourceIntegrityPolicy, ...] = field(default_factory=lambda: ())


class SourceIntegrity(Record, frozen=True, kw_only=True):
    """What must be proven about a source before it is deployed."""

    git: SourceIntegrityGit = field(default_factory=SourceIntegrityGit)


class SignatureKey(Record, frozen=True, kw_only=True):
    """A key that may sign; the older form of source integrity."""

    key_id: str = field(name="keyID", default_factory=str)


class AppProjectSpec(Record, frozen=True, kw_only=True):
    """What applications of the project may do."""

    description: Description = ""
    source_repos: tuple[str, ...] = ()
    source_namespaces: tuple[str, ...] = ()
    destinations: tuple[Destination, ...] = ()
    destination_service_accounts: tuple[DestinationServiceAccount, ...] = ()
    cluster_resource_whitelist: tuple[ClusterResource, ...] = ()
    cluster_resource_blacklist: tuple[ClusterResource, ...] = ()
    namespace_resource_whitelist: tuple[NamespaceResource, ...] | None = None
    namespace_resource_blacklist: tuple[NamespaceResource, ...] = ()
    roles: tuple[ProjectRole, ...] = ()
    sync_windows: tuple[SyncWindow, ...] = ()
    orphaned_resources: OrphanedResources | None = None
    permit_only_project_scoped_clusters: bool = False
    source_integrity: SourceIntegrity | None = None
    signature_keys: tuple[SignatureKey, ...] = ()


class JwtTokens(Record, frozen=True, kw_only=True):
    """The tokens of one role."""

    items: tuple[JwtToken, ...] = ()


class AppProjectStatus(Record, frozen=True, kw_only=True):
    """The issued tokens again, by role."""

    jwt_tokens_by_role: dict[str, JwtTokens] = field(default_factory=dict)


class AppProject(Record, frozen=True, kw_only=True):
    """A fence around applications."""

    api_version: str = field(default_factory=lambda: API_VERSION)
    kind: str = field(default_factory=lambda: "AppProject")
    metadata: ObjectMeta
    spec: AppProjectSpec
    status: AppProjectStatus = AppProjectStatus()


def tokens_of(project: AppProject, role: str) -> tuple[JwtToken, ...]:
    """The tokens of a role, of the specification and of the status together; none of a role that is not."""
    found = [each for each in project.spec.roles if each.name == role]
    if not found:
        return ()
    mirrored = project.status.jwt_tokens_by_role.get(role, JwtTokens()).items
    return tuple(dict.fromkeys((*found[0].jwt_tokens, *mirrored)))
