"""What can be asked about applications, as contract 14 names it.

The invariant: the names of the fields are those of the wire; nothing here decides anything.
"""

from typing import Any

import msgspec

from fairlead.model.source import Source
from fairlead.model.sync import Info, RetryStrategy, SyncOperationResource, SyncStrategy


class Request(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A request, spelled in camelCase."""


class ApplicationQuery(Request, frozen=True, kw_only=True):
    """Which applications; empty fields do not narrow."""

    name: str = ""
    names: tuple[str, ...] = ()
    refresh: str = ""
    projects: tuple[str, ...] = ()
    project: tuple[str, ...] = ()
    resource_version: str = ""
    selector: str = ""
    repo: str = ""
    app_namespace: str = ""

    @property
    def wanted_projects(self) -> tuple[str, ...]:
        """Both spellings together."""
        return tuple(filter(None, (*self.projects, *self.project)))


class ApplicationRef(Request, frozen=True, kw_only=True):
    """Names one application."""

    name: str = ""
    app_namespace: str = ""
    project: str = ""


class LinksQuery(Request, frozen=True, kw_only=True):
    """Names one application, as links are asked for."""

    name: str = ""
    namespace: str = ""
    project: str = ""


class CreateRequest(Request, frozen=True, kw_only=True):
    """A new application; `application` is the object as it was sent."""

    application: dict[str, Any] = {}
    upsert: bool = False
    validate: bool = True


class UpdateRequest(Request, frozen=True, kw_only=True):
    """An application's new spec, labels, annotations and finalizers; its own name says which one. `if_match`
    is the header of HTTP: the resourceVersion that it must still have."""

    application: dict[str, Any] = {}
    validate: bool = True
    project: str = ""
    if_match: str = ""


class UpdateSpecRequest(ApplicationRef, frozen=True, kw_only=True):
    """An application's new spec."""

    spec: dict[str, Any] = {}
    validate: bool = True
    if_match: str = ""


class PatchRequest(ApplicationRef, frozen=True, kw_only=True):
    """A change of an application: RFC 6902 (`json`) or RFC 7386 (`merge`)."""

    patch: str = ""
    patch_type: str = ""
    if_match: str = ""


class DeleteRequest(ApplicationRef, frozen=True, kw_only=True):
    """Delete with what it manages, unless `cascade` is false."""

    cascade: bool = True
    propagation_policy: str = ""


class SyncOptions(Request, frozen=True, kw_only=True):
    """Options of one sync, in place of those of the spec."""

    items: tuple[str, ...] = ()


class SyncRequest(ApplicationRef, frozen=True, kw_only=True):
    """Sync now."""

    revision: str = ""
    revisions: tuple[str, ...] = ()
    source_positions: tuple[int, ...] = ()
    dry_run: bool = False
    prune: bool = False
    strategy: SyncStrategy | None = None
    resources: tuple[SyncOperationResource, ...] = ()
    manifests: tuple[str, ...] = ()
    infos: tuple[Info, ...] = ()
    retry_strategy: RetryStrategy | None = None
    sync_options: SyncOptions | None = None


class RollbackRequest(ApplicationRef, frozen=True, kw_only=True):
    """Go back to a deployment of the history."""

    id: int = 0
    dry_run: bool = False
    prune: bool = False


class ManifestQuery(ApplicationRef, frozen=True, kw_only=True):
    """Manifests at the spec's revision, or at another; positions count from 1."""

    revision: str = ""
    revisions: tuple[str, ...] = ()
    source_positions: tuple[int, ...] = ()
    no_cache: bool = False


class ResourcesQuery(Request, frozen=True, kw_only=True):
    """Resources of an application; the lower fields narrow."""

    application_name: str = ""
    app_namespace: str = ""
    project: str = ""
    namespace: str = ""
    name: str = ""
    version: str = ""
    group: str = ""
    kind: str = ""


class ResourceQuery(ApplicationRef, frozen=True, kw_only=True):
    """One resource of an application."""

    namespace: str = ""
    resource_name: str = ""
    version: str = ""
    group: str = ""
    kind: str = ""


class PatchResourceRequest(ResourceQuery, frozen=True, kw_only=True):
    """A change of one live object; `patch_type` is a media type."""

    patch: str = ""
    patch_type: str = ""


class DeleteResourceRequest(ResourceQuery, frozen=True, kw_only=True):
    """The end of one live object: at once with `force`, without what it owns with `orphan`."""

    force: bool = False
    orphan: bool = False


class RunActionRequest(ResourceQuery, frozen=True, kw_only=True):
    """Something to be done to one live object."""

    action: str = ""


class ActionParameter(Request, frozen=True, kw_only=True):
    """A value that an action asks for."""

    name: str = ""
    value: str = ""


class RunActionRequestV2(RunActionRequest, frozen=True, kw_only=True):
    """The same, with values."""

    resource_action_parameters: tuple[ActionParameter, ...] = ()


class LiveState(Request, frozen=True, kw_only=True):
    """One live object as a client saw it; it is read anew here."""

    group: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""


class DiffQuery(Request, frozen=True, kw_only=True):
    """What applying these manifests to an application's live objects would change."""

    app_name: str = ""
    app_namespace: str = ""
    project: str = ""
    live_resources: tuple[LiveState, ...] = ()
    target_manifests: tuple[str, ...] = ()


class PodLogsQuery(ApplicationRef, frozen=True, kw_only=True):
    """Which pods of an application, and which lines of their logs."""

    namespace: str = ""
    pod_name: str = ""
    container: str = ""
    since_seconds: int = 0
    since_time: Any = ""
    until_time: str = ""
    tail_lines: int = 0
    follow: bool = False
    filter: str = ""
    match_case: bool = False
    kind: str = ""
    group: str = ""
    resource_name: str = ""
    previous: bool = False


class FilesQuery(Request, frozen=True, kw_only=True):
    """Whose manifests the files that follow are to make; `checksum` is their SHA-256 in hex."""

    name: str = ""
    checksum: str = ""
    app_namespace: str = ""
    project: str = ""


class FileChunk(Request, frozen=True, kw_only=True):
    """A piece of a gzipped tar."""

    chunk: bytes = b""


class FilesPart(Request, frozen=True, kw_only=True):
    """One message of a stream of files: the query first, then pieces."""

    query: FilesQuery | None = None
    chunk: FileChunk | None = None


class RevisionQuery(ApplicationRef, frozen=True, kw_only=True):
    """A revision of one of an application's sources; `source_index` counts from 0."""

    revision: str = ""
    source_index: int = 0
    version_id: int | None = None


class EventsQuery(ApplicationRef, frozen=True, kw_only=True):
    """Events of an application, or of one of its resources."""

    resource_namespace: str = ""
    resource_name: str = ""
    resource_uid: str = msgspec.field(name="resourceUID", default="")


def source_at(sources: tuple[Source, ...], position: int) -> Source | None:
    """The source at a position counted from 1; None when there is none."""
    return sources[position - 1] if 1 <= position <= len(sources) else None
