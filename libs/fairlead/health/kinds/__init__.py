"""One file per kind; this table is the only place that says which kinds have a rule, and for which versions.

Invariant: a rule is called only with an object of its kind, in one of its versions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from fairlead.health.kinds import (
    api_service,
    cron_job,
    custom_resource_definition,
    daemon_set,
    deployment,
    horizontal_pod_autoscaler,
    ingress,
    job,
    persistent_volume_claim,
    pod,
    pod_disruption_budget,
    replica_set,
    service,
    stateful_set,
    workflow,
)
from fairlead.health.status import Health
from fairlead.manifest.fields import Manifest
from fairlead.manifest.identity import GroupKind


class Rule(NamedTuple):
    """How a kind is judged. No versions means any."""

    assess: Callable[[Manifest], Health | None]
    versions: frozenset[str] = frozenset()


_V1 = frozenset({"v1"})

RULES: dict[GroupKind, Rule] = {
    GroupKind("", "PersistentVolumeClaim"): Rule(persistent_volume_claim.assess, _V1),
    GroupKind("", "Pod"): Rule(pod.assess, _V1),
    GroupKind("", "Service"): Rule(service.assess, _V1),
    GroupKind("apps", "DaemonSet"): Rule(daemon_set.assess, _V1),
    GroupKind("apps", "Deployment"): Rule(deployment.assess, _V1),
    GroupKind("apps", "ReplicaSet"): Rule(replica_set.assess, _V1),
    GroupKind("apps", "StatefulSet"): Rule(stateful_set.assess, _V1),
    GroupKind("batch", "CronJob"): Rule(cron_job.assess),
    GroupKind("batch", "Job"): Rule(job.assess, _V1),
    GroupKind("extensions", "Ingress"): Rule(ingress.assess),
    GroupKind("networking.k8s.io", "Ingress"): Rule(ingress.assess),
    GroupKind("autoscaling", "HorizontalPodAutoscaler"): Rule(
        horizontal_pod_autoscaler.assess, frozenset({"v1", "v2", "v2beta1", "v2beta2"})
    ),
    GroupKind("apiregistration.k8s.io", "APIService"): Rule(api_service.assess, frozenset({"v1", "v1beta1"})),
    GroupKind("apiextensions.k8s.io", "CustomResourceDefinition"): Rule(custom_resource_definition.assess),
    GroupKind("policy", "PodDisruptionBudget"): Rule(pod_disruption_budget.assess),
    GroupKind("argoproj.io", "Workflow"): Rule(workflow.assess),
}
