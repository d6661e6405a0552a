"""What each public event says: the `data` of the CloudEvent, one struct per type.

Published fields are kept for good; new ones may be added. The JSON schemas in `docs/events/` are generated
from these structs.
"""

import msgspec

from fairlead.events.public import PublicEventType
from fairlead.model.explanation import Explanation


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Base of all `data`."""


class ResourceName(Told, frozen=True, kw_only=True):
    """One object of a cluster."""

    group: str = ""
    kind: str
    namespace: str = ""
    name: str
    reason: str = ""
    """For a difference: `missing`, `extra` or `differs`."""


class CommitDetectedData(Told, frozen=True, kw_only=True):
    """A followed ref moved. `old` is absent when it was not known, `new` when the ref was deleted. Where a
    webhook told of the push, `pushed_at` is when it did."""

    repo_url: str = msgspec.field(name="repoURL")
    ref: str
    old: str = ""
    new: str = ""
    cause: str
    pushed_at: str = ""


class PullRequestChangedData(Told, frozen=True, kw_only=True):
    """A host told that a pull or merge request of a repository came, went or became another one."""

    provider: str


class RenderedData(Told, frozen=True, kw_only=True):
    """The manifests of an application at these commits are known. `digest` names them."""

    revisions: tuple[str, ...]
    digest: str
    cause: str


class RenderFailedData(Told, frozen=True, kw_only=True):
    """The manifests could not be made. Nothing was changed in the cluster."""

    revisions: tuple[str, ...] = ()
    message: str
    transient: bool = False


class HydratedData(Told, frozen=True, kw_only=True):
    """The branch that an application is deployed from, or its staging branch, says what this dry commit does.
    `pushed` says whether that took a commit, `hydrated_sha` where the branch is."""

    dry_sha: str = msgspec.field(name="drySHA")
    hydrated_sha: str = msgspec.field(name="hydratedSHA")
    repo_url: str = msgspec.field(name="repoURL")
    branch: str
    pushed: bool


class HydrationFailedData(Told, frozen=True, kw_only=True):
    """A dry commit could not be hydrated, "" for one that is not known. Nothing was written."""

    dry_sha: str = msgspec.field(name="drySHA", default="")
    message: str


class OutOfSyncData(Told, frozen=True, kw_only=True):
    """Cluster and Git differ in these objects (at most 100 are named; `count` has them all)."""

    revisions: tuple[str, ...]
    count: int
    resources: tuple[ResourceName, ...] = ()


class ExplainedResource(ResourceName, frozen=True, kw_only=True):
    """One of the objects that differ, and in which fields (at most 10; `more` of them are not told)."""

    fields: tuple[Explanation, ...] = ()
    more: int = 0


class ExplainedData(Told, frozen=True, kw_only=True):
    """Why an application that nobody syncs is not as Git says: both values of each field, who owns it since
    when, and the rule that would leave it out (at most 20 objects; `more` of them are not told). `waits_for`
    says which of those that it depends on are not ready."""

    revisions: tuple[str, ...]
    objects: tuple[ExplainedResource, ...]
    more: int = 0
    waits_for: str = ""


class SyncedData(Told, frozen=True, kw_only=True):
    """Cluster and Git agree."""

    revisions: tuple[str, ...]


class SyncStartedData(Told, frozen=True, kw_only=True):
    """An operation began. `initiated_by` is a user's name, "" for automation."""

    revisions: tuple[str, ...]
    automated: bool
    initiated_by: str = ""
    partial: bool = False


class SyncEndedData(Told, frozen=True, kw_only=True):
    """An operation ended. `seconds` counts from its start."""

    revisions: tuple[str, ...]
    phase: str
    message: str = ""
    automated: bool
    seconds: float
    resources: int = 0


class HealthData(Told, frozen=True, kw_only=True):
    """The health of an application changed."""

    status: str
    previous: str = ""
    message: str = ""


class ChangedField(Told, frozen=True, kw_only=True):
    """One field that was changed, or with an empty `field` an object that was deleted.

    `old` and `new` are JSON, cut where they are long, and masked where they are of a Secret; `manager` is
    whom the API server names, and `at` when it was changed.
    """

    group: str = ""
    kind: str
    namespace: str = ""
    name: str
    field: str = ""
    old: str = ""
    new: str = ""
    manager: str = ""
    operation: str = ""
    at: str = ""


class DriftedData(Told, frozen=True, kw_only=True):
    """Somebody changed these objects in the cluster, in these fields as far as that is known."""

    revisions: tuple[str, ...]
    resources: tuple[ResourceName, ...]
    fields: tuple[ChangedField, ...] = ()


class HealedData(Told, frozen=True, kw_only=True):
    """What had drifted is as Git says again, `seconds` after it was seen."""

    revisions: tuple[str, ...]
    resources: tuple[ResourceName, ...]
    seconds: float
    attempt: int = 1


class PauseData(Told, frozen=True, kw_only=True):
    """One pause: of the `application`, its `project` or `cluster`, or the whole `instance`, with its name.
    With `frozen` nobody syncs by hand either."""

    scope: str
    name: str = ""
    until: str = ""
    by: str = ""
    reason: str = ""
    frozen: bool = False


class PausedData(Told, frozen=True, kw_only=True):
    """The application is not synced or healed by itself until then; told again when that is otherwise."""

    message: str
    until: str = ""
    frozen: bool = False
    pauses: tuple[PauseData, ...] = ()


class ResumedData(Told, frozen=True, kw_only=True):
    """No pause holds any more: `message` is what it said last. These objects differ (at most 100 are named;
    `count` has them all), and `reverted` says whether they are made as Git says at once."""

    message: str
    count: int = 0
    reverted: bool = False
    resources: tuple[ResourceName, ...] = ()


class PinData(Told, frozen=True, kw_only=True):
    """The application stays at these revisions and follows nothing newer; or does so no longer, and `message`
    is what it said last."""

    message: str
    revisions: tuple[str, ...] = ()
    until: str = ""
    by: str = ""
    reason: str = ""


class PruneHeldData(Told, frozen=True, kw_only=True):
    """A prune waits for a person: `count` of the application's `objects` would go (at most 20 are named)."""

    revisions: tuple[str, ...]
    count: int
    objects: int
    resources: tuple[ResourceName, ...] = ()


class DeletedData(Told, frozen=True, kw_only=True):
    """The application is gone; with `cascade` also what it managed."""

    cascade: bool


class AuditData(Told, frozen=True, kw_only=True):
    """Somebody changed something through the API, or tried to: `code` is OK, or gRPC's word for the refusal.

    Nobody is told of values: `details` hold names, switches and revisions of the request.
    """

    action: str
    code: str
    kind: str
    name: str = ""
    namespace: str = ""
    user: str = ""
    shown: str = ""
    issuer: str = ""
    session: str = ""
    address: str = ""
    via: str = ""
    project: str = ""
    resource: str = ""
    details: dict[str, str] = {}
    milliseconds: float = 0.0


DATA: dict[PublicEventType, type[Told]] = {
    PublicEventType.COMMIT_DETECTED: CommitDetectedData,
    PublicEventType.PULL_REQUEST_CHANGED: PullRequestChangedData,
    PublicEventType.APP_RENDERED: RenderedData,
    PublicEventType.APP_RENDER_FAILED: RenderFailedData,
    PublicEventType.APP_HYDRATED: HydratedData,
    PublicEventType.APP_HYDRATION_FAILED: HydrationFailedData,
    PublicEventType.APP_OUT_OF_SYNC: OutOfSyncData,
    PublicEventType.APP_EXPLAINED: ExplainedData,
    PublicEventType.APP_SYNCED: SyncedData,
    PublicEventType.APP_SYNC_STARTED: SyncStartedData,
    PublicEventType.APP_SYNC_SUCCEEDED: SyncEndedData,
    PublicEventType.APP_SYNC_FAILED: SyncEndedData,
    PublicEventType.APP_HEALTH: HealthData,
    PublicEventType.APP_DRIFTED: DriftedData,
    PublicEventType.APP_HEALED: HealedData,
    PublicEventType.APP_PRUNE_HELD: PruneHeldData,
    PublicEventType.APP_PAUSED: PausedData,
    PublicEventType.APP_RESUMED: ResumedData,
    PublicEventType.APP_PINNED: PinData,
    PublicEventType.APP_UNPINNED: PinData,
    PublicEventType.APP_DELETED: DeletedData,
    PublicEventType.AUDIT: AuditData,
}
"""The struct of each type's `data`."""
