"""Sync options: what an operation asks for, and what a single object asks for by annotation.

Application-level options are whole strings, compared as they are; an object's annotation is split at commas
and trimmed. Unknown options mean nothing.

Invariant: where both speak, the object's own annotation decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from fairlead.manifest.fields import Manifest, annotation_of

ANNOTATION = "argocd.argoproj.io/sync-options"
HELM_RESOURCE_POLICY = "helm.sh/resource-policy"
UNGUARDED = "GuardPrune=false"
"""Said of an application or of an object: nobody is to be asked however much a prune takes."""

IGNORE_DEPENDENCIES = "IgnoreDependencies=true"
"""Said of an application or of one sync: it goes on whatever state its dependencies are in."""


class Removal(StrEnum):
    """How freely an object may be removed."""

    ALLOWED = ""
    CONFIRM = "confirm"
    NEVER = "false"


class Propagation(StrEnum):
    """What becomes of an object's dependants when it is deleted."""

    FOREGROUND = "foreground"
    BACKGROUND = "background"
    ORPHAN = "orphan"


class SyncOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options of one operation."""

    validate: bool = True
    create_namespace: bool = False
    prune: Removal = Removal.ALLOWED
    delete: Removal = Removal.ALLOWED
    prune_last: bool = False
    propagation: Propagation = Propagation.FOREGROUND
    apply_out_of_sync_only: bool = False
    replace: bool = False
    server_side_apply: bool = False
    client_side_apply_migration: bool = True
    skip_dry_run_on_missing_resource: bool = False
    respect_ignore_differences: bool = False
    fail_on_shared_resource: bool = False
    newest_commit_wins: bool = True
    guard_prune: bool = True
    ignore_dependencies: bool = False


def parse_options(texts: Iterable[str]) -> SyncOptions:
    """Read application-level options (``operation.sync.syncOptions`` or ``spec.syncPolicy.syncOptions``)."""
    texts = tuple(texts)
    said = frozenset(texts)
    return SyncOptions(
        validate="Validate=false" not in said,
        create_namespace="CreateNamespace=true" in said,
        prune=_removal(texts, "Prune"),
        delete=_removal(texts, "Delete"),
        prune_last="PruneLast=true" in said,
        propagation=_propagation(texts),
        apply_out_of_sync_only="ApplyOutOfSyncOnly=true" in said,
        replace="Replace=true" in said,
        server_side_apply="ServerSideApply=true" in said,
        client_side_apply_migration="ClientSideApplyMigration=false" not in said,
        skip_dry_run_on_missing_resource="SkipDryRunOnMissingResource=true" in said,
        respect_ignore_differences="RespectIgnoreDifferences=true" in said,
        fail_on_shared_resource="FailOnSharedResource=true" in said,
        newest_commit_wins="NewestCommitWins=false" not in said,
        guard_prune=UNGUARDED not in said,
        ignore_dependencies=IGNORE_DEPENDENCIES in said,
    )


def options_of(obj: Manifest | None) -> frozenset[str]:
    """The options in an object's annotation."""
    text = annotation_of(obj, ANNOTATION)
    return frozenset(part.strip() for part in text.split(",")) if text else frozenset()


def prune_rule(options: SyncOptions, live: Manifest) -> Removal:
    """Whether a live object may be pruned; its own annotation wins."""
    return _own_removal(live, "Prune", options.prune)


def delete_rule(options: SyncOptions, live: Manifest) -> Removal:
    """Whether a live object may be deleted with its application; its own annotation wins."""
    if annotation_of(live, HELM_RESOURCE_POLICY) == "keep":
        return Removal.NEVER
    return _own_removal(live, "Delete", options.delete)


def is_guarded(live: Manifest) -> bool:
    """Whether a live object counts for the guard of prunes."""
    return UNGUARDED not in options_of(live)


def prunes_last(options: SyncOptions, live: Manifest) -> bool:
    """Whether a live object is pruned after everything else."""
    return options.prune_last or "PruneLast=true" in options_of(live)


def replaces(options: SyncOptions, desired: Manifest | None, live: Manifest | None) -> bool:
    """Whether an object is replaced instead of applied; ``Replace=false`` takes nothing back."""
    return options.replace or any("Replace=true" in options_of(obj) for obj in (desired, live))


def forces(strategy_force: bool, desired: Manifest | None, live: Manifest | None) -> bool:
    """Whether an object that cannot be changed is deleted and made anew."""
    return strategy_force or any("Force=true" in options_of(obj) for obj in (desired, live))


def applies_server_side(options: SyncOptions, desired: Manifest) -> bool:
    """Whether server-side apply was asked for; the annotation wins either way."""
    own = options_of(desired)
    return "ServerSideApply=false" not in own and (options.server_side_apply or "ServerSideApply=true" in own)


def validates(options: SyncOptions, desired: Manifest) -> bool:
    """Whether unknown fields are an error."""
    return options.validate and "Validate=false" not in options_of(desired)


def skips_dry_run(options: SyncOptions, desired: Manifest | None) -> bool:
    """Whether an object of a kind not served yet may go without a dry run."""
    wanted = "SkipDryRunOnMissingResource=true"
    return options.skip_dry_run_on_missing_resource or wanted in options_of(desired)


def _removal(texts: tuple[str, ...], key: str) -> Removal:
    first = next((text for text in texts if text.startswith(f"{key}=")), "")
    return _REMOVALS.get(first.removeprefix(f"{key}="), Removal.ALLOWED)


def _own_removal(live: Manifest, key: str, otherwise: Removal) -> Removal:
    own = [option for option in options_of(live) if option.startswith(f"{key}=")]
    found = {_REMOVALS.get(option.removeprefix(f"{key}="), Removal.ALLOWED) for option in own}
    return next(
        (rule for rule in (Removal.NEVER, Removal.CONFIRM, Removal.ALLOWED) if rule in found), otherwise
    )


def _propagation(texts: tuple[str, ...]) -> Propagation:
    for value in Propagation:
        if f"PrunePropagationPolicy={value}" in texts:
            return value
    return Propagation.FOREGROUND


_REMOVALS = {"false": Removal.NEVER, "confirm": Removal.CONFIRM}
