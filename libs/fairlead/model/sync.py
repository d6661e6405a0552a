"""A request to sync, its progress and its outcome.

Invariant: `Application.operation` is what was asked for; `status.operationState` carries a copy of it,
so that a restarted controller can go on with the copy alone.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import field

from fairlead.model.metadata import Record, Time
from fairlead.model.source import Source


class OperationPhase(StrEnum):
    """How far an operation is; the last three are final."""

    RUNNING = "Running"
    TERMINATING = "Terminating"
    FAILED = "Failed"
    ERROR = "Error"
    SUCCEEDED = "Succeeded"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen."""
        return self in (OperationPhase.FAILED, OperationPhase.ERROR, OperationPhase.SUCCEEDED)


class ResultCode(StrEnum):
    """What became of one object in a sync."""

    UNSET = ""
    SYNCED = "Synced"
    SYNC_FAILED = "SyncFailed"
    PRUNED = "Pruned"
    PRUNE_SKIPPED = "PruneSkipped"


class SyncPhase(StrEnum):
    """The four stages of a sync."""

    UNSET = ""
    PRE_SYNC = "PreSync"
    SYNC = "Sync"
    POST_SYNC = "PostSync"
    SYNC_FAIL = "SyncFail"


class HookType(StrEnum):
    """When a hook runs."""

    UNSET = ""
    PRE_SYNC = "PreSync"
    SYNC = "Sync"
    POST_SYNC = "PostSync"
    SYNC_FAIL = "SyncFail"
    PRE_DELETE = "PreDelete"
    POST_DELETE = "PostDelete"
    SKIP = "Skip"


class HookPhase(StrEnum):
    """How far one object's task is; an operation phase, or nothing yet."""

    UNSET = ""
    RUNNING = "Running"
    TERMINATING = "Terminating"
    FAILED = "Failed"
    ERROR = "Error"
    SUCCEEDED = "Succeeded"


class Info(Record, frozen=True, kw_only=True):
    """A named text shown to people."""

    name: str = field(default_factory=str)
    value: str = field(default_factory=str)


class Backoff(Record, frozen=True, kw_only=True):
    """The pause between retries: durations are Go's ("5s"), a bare number means seconds."""

    duration: str = ""
    factor: int | None = None
    max_duration: str = ""


class RetryStrategy(Record, frozen=True, kw_only=True):
    """How often a failed sync is tried again: below zero for ever, zero never."""

    limit: int = 0
    refresh: bool = False
    backoff: Backoff | None = None


class ManagedNamespaceMetadata(Record, frozen=True, kw_only=True):
    """Labels and annotations of a namespace that the sync creates."""

    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)


class OperationInitiator(Record, frozen=True, kw_only=True):
    """Who asked for an operation."""

    username: str = ""
    automated: bool = False


class SyncOperationResource(Record, frozen=True, kw_only=True):
    """One object of a selective sync; without a namespace, any namespace."""

    group: str = ""
    kind: str = field(default_factory=str)
    name: str = field(default_factory=str)
    namespace: str = ""


class SyncStrategyApply(Record, frozen=True, kw_only=True):
    """Apply without hooks."""

    force: bool = False


class SyncStrategyHook(Record, frozen=True, kw_only=True):
    """Apply with hooks."""

    force: bool = False


class SyncStrategy(Record, frozen=True, kw_only=True):
    """With hooks unless `apply` is set."""

    apply: SyncStrategyApply | None = None
    hook: SyncStrategyHook | None = None


class SyncOperation(Record, frozen=True, kw_only=True):
    """What to sync, and how."""

    revision: str = ""
    revisions: tuple[str, ...] = ()
    source: Source | None = None
    sources: tuple[Source, ...] = ()
    manifests: tuple[str, ...] = ()
    resources: tuple[SyncOperationResource, ...] = ()
    sync_options: tuple[str, ...] = ()
    sync_strategy: SyncStrategy | None = None
    prune: bool = False
    dry_run: bool = False
    auto_heal_attempts_count: int = 0


class Operation(Record, frozen=True, kw_only=True):
    """A request, written by a person, the API or the controller."""

    initiated_by: OperationInitiator | None = None
    info: tuple[Info, ...] = ()
    retry: RetryStrategy | None = None
    sync: SyncOperation | None = None


class ResourceResult(Record, frozen=True, kw_only=True):
    """What a sync did to one object in one phase."""

    group: str
    version: str
    kind: str
    namespace: str
    name: str
    status: ResultCode = ResultCode.UNSET
    message: str = ""
    hook_type: HookType = HookType.UNSET
    hook_phase: HookPhase = HookPhase.UNSET
    sync_phase: SyncPhase = SyncPhase.UNSET
    images: tuple[str, ...] = ()


class SyncResult(Record, frozen=True, kw_only=True):
    """What was synced, and each object's outcome in the order of execution."""

    revision: str = field(default_factory=str)
    revisions: tuple[str, ...] = ()
    source: Source | None = None
    sources: tuple[Source, ...] = ()
    managed_namespace_metadata: ManagedNamespaceMetadata | None = None
    resources: tuple[ResourceResult, ...] = ()


class OperationState(Record, frozen=True, kw_only=True):
    """The latest operation's progress."""

    phase: OperationPhase
    operation: Operation = field(default_factory=Operation)
    started_at: Time
    finished_at: Time | None = None
    message: str = ""
    retry_count: int = 0
    sync_result: SyncResult | None = None
