"""The order of kinds inside one wave, and what must be there before something else.

Invariant: the order is total, so that two plans of the same objects are the same list.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from fairlead.manifest.identity import GroupKind
from fairlead.manifest.tracking import CUSTOM_RESOURCE_DEFINITION
from fairlead.sync.phases import rank_of
from fairlead.sync.task import Task

KINDS = (
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
)
_RANK = {kind: rank for rank, kind in enumerate(KINDS)}
NAMESPACE = GroupKind("", "Namespace")
APPLICATION = GroupKind("argoproj.io", "Application")
APP_PROJECT = GroupKind("argoproj.io", "AppProject")
Moment = tuple[int, int]


def kind_rank(kind: str) -> int:
    """A kind's place inside a wave; kinds not listed come last."""
    return _RANK.get(kind, len(KINDS))


def in_order(tasks: Iterable[Task]) -> tuple[Task, ...]:
    """Tasks by phase, wave, kind and name, with namespaces and definitions ahead of what needs them."""
    return tuple(sorted(_with_needs_first(list(tasks)), key=_sort_key))


def _sort_key(task: Task) -> tuple[int, int, int, str, str, str]:
    key = task.key
    return rank_of(task.phase), task.wave, kind_rank(key.kind), key.name, key.namespace, key.group


def _with_needs_first(tasks: list[Task]) -> list[Task]:
    """Give namespaces and definitions the phase and wave of their earliest dependant, if that is earlier."""
    needed = _earliest_needs(tasks)
    return [_pulled(task, needed) for task in tasks] if needed else tasks


def _earliest_needs(tasks: list[Task]) -> dict[tuple[str, str], Task]:
    """The earliest task that needs a namespace (``("", name)``) or a kind (``(group, kind)``)."""
    if not any(task.key.group_kind in (NAMESPACE, CUSTOM_RESOURCE_DEFINITION) for task in tasks):
        return {}
    needed: dict[tuple[str, str], Task] = {}
    for task in tasks:
        if task.is_prune:
            continue
        for need in (("namespace", task.key.namespace), (f"kind/{task.key.group}", task.key.kind)):
            if need not in needed or _moment(task) < _moment(needed[need]):
                needed[need] = task
    return needed


def _pulled(task: Task, needed: dict[tuple[str, str], Task]) -> Task:
    if task.is_prune or task.desired is None:
        return task
    if task.key.group_kind == NAMESPACE:
        first = needed.get(("namespace", task.key.name))
    elif task.key.group_kind == CUSTOM_RESOURCE_DEFINITION:
        defined = task.desired.marks.defines or task.key.group_kind
        first = needed.get((f"kind/{defined.group}", defined.kind))
    else:
        return task
    if first is None or _moment(first) >= _moment(task):
        return task
    return msgspec.structs.replace(task, phase=first.phase, wave=first.wave)


def _moment(task: Task) -> Moment:
    return rank_of(task.phase), task.wave
