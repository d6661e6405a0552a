"""What the controller says about an application: sync, health, history, conditions.

Invariant: everything here is written by us and valid against the CRD as it is; readers may trust it to
be the state at `reconciledAt`, not now.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import field

from fairlead.model.metadata import Record, Time
from fairlead.model.source import Source, SourceHydrator, SourceType
from fairlead.model.sync import OperationInitiator, OperationState


class SyncCode(StrEnum):
    """Whether live and desired state agree; empty before the first comparison."""

    UNSET = ""
    SYNCED = "Synced"
    OUT_OF_SYNC = "OutOfSync"
    UNKNOWN = "Unknown"


class HealthCode(StrEnum):
    """Health from best to worst; empty before the first assessment."""

    UNSET = ""
    HEALTHY = "Healthy"
    SUSPENDED = "Suspended"
    PROGRESSING = "Progressing"
    MISSING = "Missing"
    DEGRADED = "Degraded"
    UNKNOWN = "Unknown"


class HydratePhase(StrEnum):
    """How far a hydration is."""

    HYDRATING = "Hydrating"
    HYDRATED = "Hydrated"
    FAILED = "Failed"


class HealthSource(StrEnum):
    """Where the health of single objects is kept: in the status itself, or in the cached tree."""

    INLINE = ""
    APP_TREE = "appTree"


class ConditionType(StrEnum):
    """The conditions we set. The suffix is the severity."""

    INVALID_SPEC_ERROR = "InvalidSpecError"
    COMPARISON_ERROR = "ComparisonError"
    SYNC_ERROR = "SyncError"
    DELETION_ERROR = "DeletionError"
    UNKNOWN_ERROR = "UnknownError"
    SHARED_RESOURCE_WARNING = "SharedResourceWarning"
    REPEATED_RESOURCE_WARNING = "RepeatedResourceWarning"
    EXCLUDED_RESOURCE_WARNING = "ExcludedResourceWarning"
    ORPHANED_RESOURCE_WARNING = "OrphanedResourceWarning"
    COPIED_RESOURCE_WARNING = "CopiedResourceWarning"
    UNHEEDED_WARNING = "UnheededWarning"
    PRUNE_GUARD_WARNING = "PruneGuardWarning"
    PINNED_WARNING = "PinnedWarning"
    PAUSED_WARNING = "PausedWarning"
    DEPENDENCY_WARNING = "DependencyWarning"
    DEPENDENCY_INFO = "DependencyInfo"


class Destination(Record, frozen=True, kw_only=True):
    """A cluster, by server or by name, and the namespace for objects that name none."""

    server: str = ""
    name: str = ""
    namespace: str = ""


class ResourceIgnoreDifferences(Record, frozen=True, kw_only=True):
    """Fields of matching objects that a comparison leaves out."""

    group: str = ""
    kind: str = field(default_factory=str)
    name: str = ""
    namespace: str = ""
    json_pointers: tuple[str, ...] = ()
    jq_path_expressions: tuple[str, ...] = ()
    managed_fields_managers: tuple[str, ...] = ()


class ComparedTo(Record, frozen=True, kw_only=True):
    """The part of the spec that the comparison used."""

    destination: Destination = field(default_factory=Destination)
    source: Source | None = None
    sources: tuple[Source, ...] = ()
    ignore_differences: tuple[ResourceIgnoreDifferences, ...] = ()


class SyncStatus(Record, frozen=True, kw_only=True):
    """The result of the latest comparison."""

    status: SyncCode = field(default_factory=lambda: SyncCode.UNSET)
    revision: str = ""
    revisions: tuple[str, ...] = ()
    compared_to: ComparedTo | None = None


class HealthStatus(Record, frozen=True, kw_only=True):
    """A health code, why, and since when."""

    status: HealthCode = HealthCode.UNSET
    message: str = ""
    last_transition_time: Time | None = None


class ResourceStatus(Record, frozen=True, kw_only=True):
    """One object of the application; without a sync code for hooks and ignored objects."""

    group: str = ""
    version: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""
    status: SyncCode = SyncCode.UNSET
    health: HealthStatus | None = None
    hook: bool = False
    requires_pruning: bool = False
    requires_deletion_confirmation: bool = False
    sync_wave: int = 0


class Condition(Record, frozen=True, kw_only=True):
    """Something that is the case now; what is not the case has no entry."""

    type: str
    message: str
    last_transition_time: Time | None = None


class RevisionHistory(Record, frozen=True, kw_only=True):
    """One deployment that can be gone back to."""

    id: int
    revision: str = ""
    revisions: tuple[str, ...] = ()
    source: Source | None = None
    sources: tuple[Source, ...] = ()
    deploy_started_at: Time | None = None
    deployed_at: Time
    initiated_by: OperationInitiator | None = None


class Summary(Record, frozen=True, kw_only=True):
    """Images in use and addresses to open, deduplicated and sorted."""

    images: tuple[str, ...] = ()
    external_urls: tuple[str, ...] = field(name="externalURLs", default=())
    is_app_of_apps: bool = False


class HydrateOperation(Record, frozen=True, kw_only=True):
    """A hydration that runs, or the last one."""

    phase: HydratePhase
    message: str = field(default_factory=str)
    started_at: Time | None = None
    finished_at: Time | None = None
    dry_sha: str = field(name="drySHA", default="")
    hydrated_sha: str = field(name="hydratedSHA", default="")
    source_hydrator: SourceHydrator | None = None


class SuccessfulHydrateOperation(Record, frozen=True, kw_only=True):
    """The last hydration that succeeded."""

    dry_sha: str = field(name="drySHA", default="")
    hydrated_sha: str = field(name="hydratedSHA", default="")
    source_hydrator: SourceHydrator | None = None


class SourceHydratorStatus(Record, frozen=True, kw_only=True):
    """What the hydrator did for this application."""

    current_operation: HydrateOperation | None = None
    last_successful_operation: SuccessfulHydrateOperation | None = None
    last_compared_dry_revision: str = ""


class ApplicationStatus(Record, frozen=True, kw_only=True):
    """Everything the controller has to say about an application."""

    sync: SyncStatus = SyncStatus()
    health: HealthStatus = HealthStatus()
    resources: tuple[ResourceStatus, ...] = ()
    resource_health_source: HealthSource = HealthSource.INLINE
    conditions: tuple[Condition, ...] = ()
    history: tuple[RevisionHistory, ...] = ()
    operation_state: OperationState | None = None
    reconciled_at: Time | None = None
    observed_at: Time | None = None
    source_type: SourceType = SourceType.UNSET
    source_types: tuple[SourceType, ...] = ()
    summary: Summary = Summary()
    controller_namespace: str = ""
    source_hydrator: SourceHydratorStatus = SourceHydratorStatus()
