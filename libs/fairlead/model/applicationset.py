"""The ApplicationSet: a template, and generators that fill it in.

Invariant: values a user may get wrong without the API server noticing (an operator, a strategy's name)
are plain text, so that the set still decodes and its conditions can say what is wrong.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import field

from fairlead.model.generators import Generator
from fairlead.model.metadata import API_VERSION, IntOrString, ObjectMeta, Record, Time
from fairlead.model.status import HealthStatus, ResourceStatus
from fairlead.model.template import Template


class ApplicationsSyncPolicy(StrEnum):
    """What a set may do to its applications."""

    CREATE_ONLY = "create-only"
    CREATE_UPDATE = "create-update"
    CREATE_DELETE = "create-delete"
    SYNC = "sync"


class ConditionStatus(StrEnum):
    """Whether a condition holds."""

    TRUE = "True"
    FALSE = "False"
    UNKNOWN = "Unknown"


class RolloutStatus(StrEnum):
    """How far one application is in a rolling sync."""

    WAITING = "Waiting"
    PENDING = "Pending"
    PROGRESSING = "Progressing"
    HEALTHY = "Healthy"


class ApplicationSetConditionType(StrEnum):
    """The conditions of a set."""

    ERROR_OCCURRED = "ErrorOccurred"
    PARAMETERS_GENERATED = "ParametersGenerated"
    RESOURCES_UP_TO_DATE = "ResourcesUpToDate"
    ROLLOUT_PROGRESSING = "RolloutProgressing"
    INVALID_ROLLOUT_CONFIG = "InvalidRolloutConfig"


class ApplicationMatchExpression(Record, frozen=True, kw_only=True):
    """A condition on an application's label: In or NotIn."""

    key: str = ""
    operator: str = ""
    values: tuple[str, ...] = ()


class RolloutStep(Record, frozen=True, kw_only=True):
    """Applications that are updated together, and how many at a time ("50%" or a number)."""

    match_expressions: tuple[ApplicationMatchExpression, ...] = ()
    max_update: IntOrString | None = None


class RollingSync(Record, frozen=True, kw_only=True):
    """The steps of a rolling sync, in order."""

    steps: tuple[RolloutStep, ...] = ()


class ApplicationSetStrategy(Record, frozen=True, kw_only=True):
    """In which order applications are updated and deleted."""

    type: str = ""
    rolling_sync: RollingSync | None = None
    deletion_order: str = ""


class ApplicationSetSyncPolicy(Record, frozen=True, kw_only=True):
    """What the set may do to its applications, and they to their objects."""

    applications_sync: ApplicationsSyncPolicy | None = None
    preserve_resources_on_deletion: bool = False


class PreservedFields(Record, frozen=True, kw_only=True):
    """Keys on applications that the set does not overwrite."""

    annotations: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


class ApplicationIgnoreDifferences(Record, frozen=True, kw_only=True):
    """Fields of applications that the set does not overwrite; without a name, of all."""

    name: str = ""
    json_pointers: tuple[str, ...] = ()
    jq_path_expressions: tuple[str, ...] = ()


class ApplicationSetSpec(Record, frozen=True, kw_only=True):
    """What to generate, and how to roll it out."""

    generators: tuple[Generator, ...] = field(default_factory=lambda: ())
    template: Template = field(default_factory=Template)
    go_template: bool = False
    go_template_options: tuple[str, ...] = ()
    template_patch: str | None = None
    apply_nested_selectors: bool = False
    strategy: ApplicationSetStrategy | None = None
    sync_policy: ApplicationSetSyncPolicy | None = None
    preserved_fields: PreservedFields | None = None
    ignore_application_differences: tuple[ApplicationIgnoreDifferences, ...] = ()


class ApplicationSetCondition(Record, frozen=True, kw_only=True):
    """Something that is or is not the case."""

    type: str
    status: ConditionStatus
    reason: str
    message: str
    last_transition_time: Time | None = None


class ApplicationSetApplicationStatus(Record, frozen=True, kw_only=True):
    """One application's place in a rolling sync; step "-1" is none."""

    application: str
    status: RolloutStatus
    step: str
    message: str
    target_revisions: tuple[str, ...] = field(default_factory=lambda: ())
    last_transition_time: Time | None = None


class ApplicationSetStatus(Record, frozen=True, kw_only=True):
    """What the set has generated and how it went."""

    conditions: tuple[ApplicationSetCondition, ...] = ()
    application_status: tuple[ApplicationSetApplicationStatus, ...] = ()
    resources: tuple[ResourceStatus, ...] = ()
    resources_count: int = 0
    health: HealthStatus = HealthStatus()


class ApplicationSet(Record, frozen=True, kw_only=True):
    """Applications made from a template and parameters."""

    api_version: str = field(default_factory=lambda: API_VERSION)
    kind: str = field(default_factory=lambda: "ApplicationSet")
    metadata: ObjectMeta
    spec: ApplicationSetSpec
    status: ApplicationSetStatus = ApplicationSetStatus()
