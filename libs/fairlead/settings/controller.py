"""What argocd-cm says to the app-controller.

Invariant: an absent or empty ConfigMap gives the defaults of contract 11.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from fairlead.manifest.tracking import INSTANCE_LABEL, Method, Tracking
from fairlead.matching.inheritance import GlobalProject
from fairlead.matching.pauses import MAP_PREFIX, pause_of
from fairlead.rpc.waiting import Paused
from fairlead.settings.actions import KindActions, action_rules
from fairlead.settings.filters import ResourceRule, ResourceRules, SelectorRule
from fairlead.settings.global_projects import global_projects
from fairlead.settings.links import LinkRule, link_rules
from fairlead.settings.reading import Reader, texts
from fairlead.sync.guard import KINDS, OBJECTS, SHARE, GuardPolicy, read_policy

CONFIG_MAP = "argocd-cm"
_CUSTOMIZATIONS = "resource.customizations"


class IgnoreStatus(StrEnum):
    """For which kinds `status` is left out of a comparison."""

    ALL = "all"
    CRD = "crd"
    NONE = "none"


class KindRule(msgspec.Struct, frozen=True, kw_only=True):
    """Fields that a comparison leaves out for a kind; group and kind may be `*`."""

    group: str
    kind: str
    json_pointers: tuple[str, ...] = ()
    jq_path_expressions: tuple[str, ...] = ()
    managed_fields_managers: tuple[str, ...] = ()


class KindTypes(msgspec.Struct, frozen=True, kw_only=True):
    """Fields of a kind that hold built-in types: (path with dots, type)."""

    group: str
    kind: str
    fields: tuple[tuple[str, str], ...]


class ControllerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings that take effect without a restart. Times in seconds. With `inflates_charts` Kustomize renders
    charts, which see the cluster. The resource tree tells `shown_labels` of objects and `shown_node_labels`
    of nodes."""

    tracking: Tracking = Tracking()
    filters: ResourceRules = ResourceRules()
    ignore_status: IgnoreStatus = IgnoreStatus.ALL
    ignore_aggregated_roles: bool = False
    ignore_differences_on_updates: bool = True
    ignore_updates_enabled: bool = True
    ignore_differences: tuple[KindRule, ...] = ()
    ignore_updates: tuple[KindRule, ...] = ()
    known_types: tuple[KindTypes, ...] = ()
    health_scripts: Mapping[str, str] = {}
    actions: tuple[KindActions, ...] = ()
    open_libs: tuple[tuple[str, str], ...] = ()
    application_links: tuple[LinkRule, ...] = ()
    project_links: tuple[LinkRule, ...] = ()
    resource_links: tuple[LinkRule, ...] = ()
    masked_annotations: tuple[str, ...] = ()
    shown_labels: tuple[str, ...] = ()
    shown_node_labels: tuple[str, ...] = ()
    event_labels_included: tuple[str, ...] = ()
    event_labels_excluded: tuple[str, ...] = ()
    reconciliation: float = 120.0
    reconciliation_jitter: float = 60.0
    hard_reconciliation: float = 0.0
    in_cluster_enabled: bool = True
    impersonation: bool = False
    impersonation_enforced: bool = True
    global_projects: tuple[GlobalProject, ...] = ()
    inflates_charts: bool = False
    prune_guard: GuardPolicy = GuardPolicy()
    paused: Paused | None = None
    problems: tuple[str, ...] = ()


def controller_settings(data: Mapping[str, str]) -> ControllerSettings:
    """Read the `data` of argocd-cm. Never raises; see `problems`."""
    read = Reader(CONFIG_MAP, data)
    compare = read.document("resource.compareoptions")
    compare = compare if isinstance(compare, dict) else {}
    guard = _prune_guard(read)
    return ControllerSettings(
        tracking=_tracking(read),
        filters=_filters(read),
        ignore_status=_ignore_status(compare.get("ignoreResourceStatusField")),
        ignore_aggregated_roles=compare.get("ignoreAggregatedRoles") is True,
        ignore_differences_on_updates=compare.get("ignoreDifferencesOnResourceUpdates") is not False,
        ignore_updates_enabled=read.flag("resource.ignoreResourceUpdatesEnabled", default=True),
        ignore_differences=tuple(_kind_rules(read, "ignoreDifferences")),
        ignore_updates=tuple(_kind_rules(read, "ignoreResourceUpdates")),
        known_types=tuple(_known_types(read)),
        health_scripts=_health_scripts(read),
        actions=tuple(_actions(read)),
        open_libs=tuple(_open_libs(read)),
        application_links=link_rules(read.maps("application.links")),
        project_links=link_rules(read.maps("project.links")),
        resource_links=link_rules(read.maps("resource.links")),
        masked_annotations=read.words("resource.sensitive.mask.annotations"),
        shown_labels=read.words("resource.customLabels"),
        shown_node_labels=read.words("application.allowedNodeLabels"),
        event_labels_included=read.words("resource.includeEventLabelKeys"),
        event_labels_excluded=read.words("resource.excludeEventLabelKeys"),
        reconciliation=read.duration("timeout.reconciliation", 120.0),
        reconciliation_jitter=read.duration("timeout.reconciliation.jitter", 60.0),
        hard_reconciliation=read.duration("timeout.hard.reconciliation", 0.0),
        in_cluster_enabled=read.switch("cluster.inClusterEnabled", default=True),
        impersonation=read.switch("application.sync.impersonation.enabled"),
        impersonation_enforced=read.switch("application.sync.impersonation.enforced", default=True),
        global_projects=global_projects(read),
        inflates_charts=any(
            "--enable-helm" in value
            for key, value in data.items()
            if key.startswith("kustomize.buildOptions")
        ),
        prune_guard=guard,
        paused=pause_of(data, "instance", prefix=MAP_PREFIX),
        problems=tuple(read.problems),
    )


def _prune_guard(read: Reader) -> GuardPolicy:
    texts = {
        SHARE: read.text("fairlead.prune-guard.share"),
        OBJECTS: read.text("fairlead.prune-guard.objects"),
        KINDS: read.text("fairlead.prune-guard.kinds"),
    }
    policy, problems = read_policy(texts, GuardPolicy())
    read.problems += [f"{CONFIG_MAP}: fairlead.prune-guard.{problem}" for problem in problems]
    return policy


def _tracking(read: Reader) -> Tracking:
    named = read.text("application.resourceTrackingMethod", Method.ANNOTATION.value)
    method = Method(named) if named in set(Method) else Method.ANNOTATION
    if method.value != named:
        read.problems.append(f"{CONFIG_MAP}: application.resourceTrackingMethod: {named!r} is unknown")
    label = read.text("application.instanceLabelKey", INSTANCE_LABEL)
    return Tracking(method, label, read.text("installationID"))


def _filters(read: Reader) -> ResourceRules:
    exclusions = (
        tuple(_filter(item) for item in read.maps("resource.exclusions"))
        if "resource.exclusions" in read.keys()  # noqa: SIM118 - not a dict
        else None
    )
    inclusions = tuple(_filter(item) for item in read.maps("resource.inclusions"))
    selectors = tuple(
        SelectorRule(**msgspec.structs.asdict(_filter(item)), selector=_selector(read, item))
        for item in read.maps("resource.selectors")
    )
    return ResourceRules(
        exclusions=exclusions, inclusions=inclusions, selectors=selectors, respect_rbac=_respect(read)
    )


def _selector(read: Reader, item: Mapping[str, Any]) -> str:
    found = item.get("selector")
    if not isinstance(found, str) or not found:
        read.problems.append(f"{CONFIG_MAP}: resource.selectors: a rule has no selector, so it says nothing")
        return ""
    return found


def _respect(read: Reader) -> str:
    """How far a refused list is respected; a word that is none of the three respects nothing."""
    found = read.text("resource.respectRBAC")
    if found not in ("", "normal", "strict"):
        read.problems.append(f"{CONFIG_MAP}: resource.respectRBAC: {found!r} is none of normal and strict")
        return ""
    return found


def _filter(item: Mapping[str, Any]) -> ResourceRule:
    return ResourceRule(
        api_groups=texts(item.get("apiGroups")),
        kinds=texts(item.get("kinds")),
        clusters=texts(item.get("clusters")),
    )


def _ignore_status(value: Any) -> IgnoreStatus:
    if value in ("off", "false", "none", False):
        return IgnoreStatus.NONE
    return IgnoreStatus.CRD if value == "crd" else IgnoreStatus.ALL


def _kind_rules(read: Reader, what: str) -> Iterator[KindRule]:
    for group, kind, rules in _customizations(read, what):
        if isinstance(rules, dict):
            yield KindRule(
                group=group,
                kind=kind,
                json_pointers=texts(rules.get("jsonPointers")),
                jq_path_expressions=texts(rules.get("jqPathExpressions")),
                managed_fields_managers=texts(rules.get("managedFieldsManagers")),
            )


def _known_types(read: Reader) -> Iterator[KindTypes]:
    for group, kind, fields in _customizations(read, "knownTypeFields"):
        items = [item for item in fields if isinstance(item, dict)] if isinstance(fields, list) else []
        named = tuple(
            (str(item["field"]), str(item["type"])) for item in items if {"field", "type"} <= set(item)
        )
        if not items or len(named) != len(fields):
            text = f"knownTypeFields of {group or 'core'}/{kind} must be a list of maps with field and type"
            read.problems.append(f"{CONFIG_MAP}: {_CUSTOMIZATIONS}: {text}")
        yield KindTypes(group=group, kind=kind, fields=named)


def _actions(read: Reader) -> Iterator[KindActions]:
    for group, kind, value in _customizations(read, "actions"):
        rules = action_rules(value)
        if rules is None:
            text = f"the actions of {group or 'core'}/{kind} are not a map with discovery.lua and definitions"
            read.problems.append(f"{CONFIG_MAP}: {_CUSTOMIZATIONS}: {text}")
        else:
            yield KindActions(group=group, kind=kind, rules=rules)


def _open_libs(read: Reader) -> Iterator[tuple[str, str]]:
    """The kinds whose scripts may use Lua's string, math and coroutine libraries."""
    for group, kind, value in (
        *_customizations(read, "useOpenLibs"),
        *_customizations(read, "health.lua.useOpenLibs"),
    ):
        if value is True:
            yield group, kind


def _customizations(read: Reader, what: str) -> Iterator[tuple[str, str, Any]]:
    """(group, kind, rules) of the combined map and of the split keys."""
    combined = read.document(_CUSTOMIZATIONS)
    for name, entry in (combined if isinstance(combined, dict) else {}).items():
        if isinstance(entry, dict) and what in entry:
            group, kind = _group_and_kind(str(name), "/")
            rules = entry[what]
            yield group, kind, _parsed(rules) if isinstance(rules, str) else rules
    prefix = f"{_CUSTOMIZATIONS}.{what}."
    for key in read.keys():  # noqa: SIM118 - not a dict
        if key.startswith(prefix):
            group, kind = _group_and_kind(key.removeprefix(prefix), "_")
            yield group, kind, read.document(key)


def _parsed(text: str) -> Any:
    return Reader(_CUSTOMIZATIONS, {"value": text}).document("value")


def _group_and_kind(name: str, separator: str) -> tuple[str, str]:
    if name in ("all", "*/*"):
        return "*", "*"
    group, _, kind = name.rpartition(separator)
    return group, kind


def _health_scripts(read: Reader) -> dict[str, str]:
    """Lua by `group/Kind`, the core group with an empty name."""
    found: dict[str, str] = {}
    combined = read.document(_CUSTOMIZATIONS)
    for name, entry in (combined if isinstance(combined, dict) else {}).items():
        script = entry.get("health.lua") if isinstance(entry, dict) else None
        if isinstance(script, str):
            found["/".join(_group_and_kind(str(name), "/"))] = script
    prefix = f"{_CUSTOMIZATIONS}.health."
    for key in read.keys():  # noqa: SIM118 - not a dict
        if key.startswith(prefix):
            found["/".join(_group_and_kind(key.removeprefix(prefix), "_"))] = read.text(key)
    return found
