"""Where the built-in kinds that run pods keep the pod's spec."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fairlead.manifest.identity import GroupKind

TEMPLATE: Final = ("spec", "template", "spec")
POD_SPECS: Final[Mapping[GroupKind, tuple[str, ...]]] = {
    GroupKind("", "Pod"): ("spec",),
    GroupKind("", "PodTemplate"): ("template", "spec"),
    GroupKind("", "ReplicationController"): TEMPLATE,
    GroupKind("apps", "DaemonSet"): TEMPLATE,
    GroupKind("apps", "Deployment"): TEMPLATE,
    GroupKind("apps", "ReplicaSet"): TEMPLATE,
    GroupKind("apps", "StatefulSet"): TEMPLATE,
    GroupKind("batch", "Job"): TEMPLATE,
    GroupKind("batch", "CronJob"): ("spec", "jobTemplate", *TEMPLATE),
}
"""Field names from the object's root."""
