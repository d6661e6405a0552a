"""Desired against live, for one application, from memory: sync code, health and what a person should know.

Invariant: what could not be read counts as Unknown. It is never Synced, and never a reason to delete.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

import msgspec
import structlog

from fairlead.app_controller.clusters import Cluster
from fairlead.app_controller.marks import IGNORE_HEALTHCHECK, images_of, urls_of
from fairlead.diff.compare import DEFAULT_RULES, FIELD_MANAGER, Rules, compare, record_answer
from fairlead.diff.dry_run import interpret
from fairlead.diff.errors import IgnoreRuleError
from fairlead.diff.ignore import ignored_for
from fairlead.diff.normalize import Settings
from fairlead.diff.result import Answer, Outcome, Reason, Rung, Verdict, outcome_of, overall
from fairlead.health import Assessed, Health, aggregate, assess
from fairlead.kube.dry_run import dry_run_apply
from fairlead.kube.errors import KubeError
from fairlead.kube.kind_watch import KindState
from fairlead.kube.live_object import LiveObject
from fairlead.manifest.digest import digest
from fairlead.manifest.fields import Manifest, annotation_of
from fairlead.manifest.identity import ResourceKey
from fairlead.manifest.prepare import Desired, Prepared
from fairlead.manifest.tracking import Tracking, self_referenced
from fairlead.model.status import ConditionType, ResourceIgnoreDifferences, ResourceStatus, SyncCode
from fairlead.settings import ControllerSettings
from fairlead.sync.hooks import is_hook, is_skipped
from fairlead.sync.options import Removal, SyncOptions, delete_rule, prune_rule
from fairlead.sync.waves import wave_of

log = structlog.get_logger(__name__)

ASK_AT_ONCE = 8
"""Dry runs of one application under way together."""

Permitted = Callable[[str, str, str, str, bool], bool]
"""Whether the project allows (group, kind, namespace, name, is_namespaced)."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One object of the application: wanted, live or both.

    `outcome` is None when it takes no part in syncing.
    """

    key: ResourceKey
    version: str
    desired: Desired | None
    live: LiveObject | None
    outcome: Outcome | None = None
    health: Health | None = None
    hook: bool = False
    skipped: bool = False
    wave: int = 0
    ignored_health: bool = False
    needs_confirmation: bool = False
    other_owner: str = ""
    images: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    in_doubt: bool = False

    @property
    def takes_part(self) -> bool:
        """Whether it is an ordinary object: hooks and lone `Skip` are neither compared nor counted."""
        return not self.hook and not self.skipped

    @property
    def requires_pruning(self) -> bool:
        """Whether it is live and no longer wanted."""
        return self.outcome is not None and self.outcome.requires_pruning


class Remark(msgspec.Struct, frozen=True):
    """A condition to be: its type and text."""

    type: str
    message: str


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The whole result. `is_error` is set when something kept it from being made."""

    items: tuple[Item, ...] = ()
    code: SyncCode = SyncCode.UNKNOWN
    health: Health
    remarks: tuple[Remark, ...] = ()
    is_error: bool = False

    @property
    def by_key(self) -> dict[ResourceKey, Item]:
        """The items by key."""
        return {item.key: item for item in self.items}

    def resources(self) -> tuple[ResourceStatus, ...]:
        """`status.resources`: sorted, without health (which is in the tree), hooks only while they exist."""
        shown = [item for item in self.items if not item.hook or item.live is not None]
        return tuple(resource_status(item) for item in sorted(shown, key=lambda item: str(item.key)))

    def images(self) -> tuple[str, ...]:
        """All images in use."""
        return tuple(sorted({image for item in self.items for image in item.images}))

    def urls(self) -> tuple[str, ...]:
        """All addresses to open."""
        return tuple(sorted({url for item in self.items for url in item.urls}))


class _Known(msgspec.Struct, frozen=True):
    """The basis on which an item was judged, and the item."""

    digest: str
    uid: str
    resource_version: str
    item: Item


Memo = dict[ResourceKey, _Known]


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What is compared, and under which rules."""

    instance: str
    prepared: Prepared
    cluster: Cluster
    settings: ControllerSettings
    ignore: tuple[ResourceIgnoreDifferences, ...]
    itself: ResourceKey
    permitted: Permitted
    options: SyncOptions = SyncOptions()
    eager: bool = False
    may_ask: bool = True


async def compare_application(subject: Subject, memo: Memo) -> Comparison:
    """Judge every object of the application; only what really moved costs more than a dictionary look-up."""
    remarks = [Remark(remark.type, remark.message) for remark in subject.prepared.remarks]
    items = _wanted(subject, memo, remarks)
    items += _unwanted(subject, memo, {item.key for item in items})
    if subject.may_ask:
        items = await _asked(subject, items, remarks)
    _remember(subject, memo, items)
    remarks += _shared(subject, items)
    outcomes = [item.outcome for item in items if item.outcome is not None]
    failed = any(remark.type == ConditionType.COMPARISON_ERROR for remark in remarks)
    return Comparison(
        items=tuple(items),
        code=SyncCode.UNKNOWN if failed else overall(outcomes),
        health=_health(subject, items),
        remarks=tuple(remarks),
        is_error=failed,
    )


def resource_status(item: Item) -> ResourceStatus:
    """One line of `status.resources`."""
    return ResourceStatus(
        group=item.key.group,
        version=item.version,
        kind=item.key.kind,
        namespace=item.key.namespace,
        name=item.key.name,
        status=SyncCode.UNSET if item.outcome is None else item.outcome.status,
        hook=item.hook,
        requires_pruning=item.requires_pruning or item.hook,
        requires_deletion_confirmation=item.needs_confirmation,
        sync_wave=item.wave,
    )


def rules_for(subject: Subject, desired: Desired) -> Rules:
    """What is left out of the comparison of one object. Raises IgnoreRuleError."""
    configured = tuple(
        ResourceIgnoreDifferences(
            group=rule.group,
            kind=rule.kind,
            json_pointers=rule.json_pointers,
            jq_path_expressions=rule.jq_path_expressions,
            managed_fields_managers=rule.managed_fields_managers,
        )
        for rule in subject.settings.ignore_differences
    )
    compared = Settings(
        ignore_status=subject.settings.ignore_status.value,
        ignore_aggregated_roles=subject.settings.ignore_aggregated_roles,
    )
    ignored = ignored_for(desired.key, (*subject.ignore, *configured))
    if compared == DEFAULT_RULES.settings and ignored is DEFAULT_RULES.ignored:
        return DEFAULT_RULES
    return Rules(ignored=ignored, settings=compared)


def _wanted(subject: Subject, memo: Memo, remarks: list[Remark]) -> list[Item]:
    items = []
    for desired in subject.prepared.objects:
        kind = desired.key.group_kind
        if subject.cluster.live.state_of(kind) is KindState.EXCLUDED:
            text = f"Resource {kind.group}/{kind.kind} {desired.key.name} is excluded in the settings"
            remarks.append(Remark(ConditionType.EXCLUDED_RESOURCE_WARNING, text))
            continue
        live = subject.cluster.live.get(desired.key)
        basis = desired.digest + _rules_mark(subject)
        known = memo.get(desired.key)
        if known is not None and _still_holds(known, basis, live, subject):
            items.append(known.item)
        else:
            items.append(_judged(subject, desired, live, remarks))
    return items


def _rules_mark(subject: Subject) -> str:
    """Changes with what is ignored; empty in the common case of no rules."""
    if not subject.ignore and not subject.settings.ignore_differences:
        return ""
    return digest(msgspec.to_builtins((subject.ignore, subject.settings.ignore_differences)))


def _still_holds(known: _Known, basis: str, live: LiveObject | None, subject: Subject) -> bool:
    if known.digest != basis or known.item.in_doubt:
        return False
    if live is None:
        return known.uid == "" and subject.cluster.live.state_of(known.item.key.group_kind) is not (
            KindState.UNKNOWN
        )
    return (known.uid, known.resource_version) == (live.uid, live.resource_version)


def _judged(subject: Subject, desired: Desired, live: LiveObject | None, remarks: list[Remark]) -> Item:
    decoded = live.decoded() if live is not None else None
    item = _described(subject, desired, live, decoded)
    if not item.takes_part:
        return item
    if not subject.permitted(*desired.key, desired.namespaced is not False):
        return _with(item, Outcome(key=desired.key, status=SyncCode.UNKNOWN))
    if _is_in_doubt(subject, desired):
        return _with(item, Outcome(key=desired.key, status=SyncCode.UNKNOWN), in_doubt=True)
    if decoded is None:
        return _with(item, outcome_of(desired.key, desired, None))
    if not self_referenced(decoded, subject.settings.tracking.method):
        return item
    try:
        verdict = compare(
            desired,
            decoded,
            fingerprints=subject.cluster.fingerprints,
            rules=rules_for(subject, desired),
            eager=subject.eager,
        )
    except IgnoreRuleError as error:
        text = f"Failed to compare desired state to live state: {error}"
        remarks.append(Remark(ConditionType.COMPARISON_ERROR, text))
        verdict = None
    return _with(item, outcome_of(desired.key, desired, decoded, verdict))


def _is_in_doubt(subject: Subject, desired: Desired) -> bool:
    return subject.cluster.live.state_of(desired.key.group_kind) in (KindState.UNKNOWN, KindState.SYNCING)


def _described(
    subject: Subject, desired: Desired | None, live: LiveObject | None, decoded: Manifest | None
) -> Item:
    """All that does not depend on being in sync."""
    key = desired.key if desired is not None else live.key if live is not None else None
    assert key is not None  # noqa: S101
    source = desired.object if desired is not None else decoded or {}
    owner = live.instance if live is not None else None
    return Item(
        key=key,
        version=desired.gvk.version if desired is not None else live.version if live is not None else "",
        desired=desired,
        live=live,
        health=assess(decoded) if decoded is not None else None,
        hook=is_hook(source),
        skipped=is_skipped(source),
        wave=wave_of(source),
        ignored_health=decoded is not None and annotation_of(decoded, IGNORE_HEALTHCHECK) == "true",
        needs_confirmation=decoded is not None and _needs_confirmation(subject.options, decoded),
        other_owner=owner if owner is not None and owner != subject.instance else "",
        images=tuple(images_of(decoded)) if decoded is not None else (),
        urls=tuple(urls_of(decoded)) if decoded is not None else (),
    )


def _needs_confirmation(options: SyncOptions, live: Manifest) -> bool:
    return Removal.CONFIRM in (prune_rule(options, live), delete_rule(options, live))


def _unwanted(subject: Subject, memo: Memo, wanted: set[ResourceKey]) -> list[Item]:
    """Live objects with our mark that no render has: prune candidates, and hooks that are still there."""
    items = []
    for live in subject.cluster.live.owned_by(subject.instance):
        if live.key in wanted or live.owner_uids or live.key == subject.itself:
            continue
        known = memo.get(live.key)
        if known is not None and _still_holds(known, "", live, subject):
            items.append(known.item)
            continue
        decoded = live.decoded()
        item = _described(subject, None, live, decoded)
        if not subject.permitted(*live.key, bool(live.key.namespace)):
            continue
        if item.takes_part and _is_prunable(decoded, subject.settings.tracking):
            item = _with(item, outcome_of(live.key, None, decoded))
        items.append(item)
    return items


def _is_prunable(decoded: Manifest, tracking: Tracking) -> bool:
    return self_referenced(decoded, tracking.method)


async def _asked(subject: Subject, items: list[Item], remarks: list[Remark]) -> list[Item]:
    """Put the open questions to the API server."""
    open_questions = [item for item in items if item.outcome is not None and item.outcome.needs_asking]
    if not open_questions:
        return items
    gate = asyncio.Semaphore(ASK_AT_ONCE)
    async with asyncio.TaskGroup() as group:
        tasks = {item.key: group.create_task(_ask(subject, item, gate, remarks)) for item in open_questions}
    return [tasks[item.key].result() if item.key in tasks else item for item in items]


async def _ask(subject: Subject, item: Item, gate: asyncio.Semaphore, remarks: list[Remark]) -> Item:
    desired, live = item.desired, item.live
    if desired is None or live is None:
        return item
    resource = subject.cluster.discovery.resource_for(*desired.key.group_kind, desired.gvk.version)
    if resource is None:
        return _with(item, Outcome(key=item.key, status=SyncCode.OUT_OF_SYNC, reason=Reason.DIFFERS))
    async with gate:
        try:
            answer = await dry_run_apply(
                subject.cluster.writer, resource, item.key.name, desired.body, item.key.namespace or None
            )
        except KubeError as error:
            text = f"Failed to compare desired state to live state: {item.key}: {error.message}"
            remarks.append(Remark(ConditionType.COMPARISON_ERROR, text))
            return _with(item, Outcome(key=item.key, status=SyncCode.UNKNOWN), in_doubt=True)
    return _answered(subject, item, desired, live.decoded(), msgspec.json.decode(answer.object))


def _answered(subject: Subject, item: Item, desired: Desired, live: Manifest, predicted: Manifest) -> Item:
    rules = rules_for(subject, desired)
    equal = interpret(
        predicted, live, manager=FIELD_MANAGER, ignored=rules.ignored, settings=rules.settings
    ).equal
    record_answer(desired, live, in_sync=equal, fingerprints=subject.cluster.fingerprints, rules=rules)
    verdict = Verdict(answer=Answer.IN_SYNC if equal else Answer.DIFFERS, rung=Rung.DRY_RUN)
    return _with(item, outcome_of(item.key, desired, live, verdict))


def _remember(subject: Subject, memo: Memo, items: Iterable[Item]) -> None:
    memo.clear()
    mark = _rules_mark(subject)
    for item in items:
        if item.outcome is not None and item.outcome.needs_asking:
            continue
        basis = item.desired.digest + mark if item.desired is not None else ""
        live = item.live
        memo[item.key] = _Known(basis, live.uid if live else "", live.resource_version if live else "", item)


def _shared(subject: Subject, items: Iterable[Item]) -> list[Remark]:
    return [
        Remark(
            ConditionType.SHARED_RESOURCE_WARNING,
            f"{item.key.kind}/{item.key.name} is part of applications "
            f"{subject.itself.namespace}/{subject.itself.name} and {item.other_owner.replace('_', '/', 1)}",
        )
        for item in items
        if item.other_owner and item.desired is not None
    ]


def _health(subject: Subject, items: Iterable[Item]) -> Health:
    return aggregate(
        (
            Assessed(
                key=item.key, health=item.health, live=item.live is not None, ignored=item.ignored_health
            )
            for item in items
            if item.takes_part
        ),
        itself=subject.itself,
    )


def _with(item: Item, outcome: Outcome, *, in_doubt: bool = False) -> Item:
    return msgspec.structs.replace(item, outcome=outcome, in_doubt=in_doubt)
