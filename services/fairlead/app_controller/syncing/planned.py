"""The plan of one evaluation: what a sync does to which objects, from its target and its comparison.

Invariant: an object is a candidate for pruning only with the evidence that `may_prune` asks for; what is left
out of the comparison is left out of the plan.
"""

from __future__ import annotations

from collections.abc import Iterator

import structlog

from fairlead.app_controller.comparing.item import Comparison, Item
from fairlead.app_controller.syncing.carry import not_served
from fairlead.app_controller.syncing.run import Attempt
from fairlead.app_controller.syncing.target import Target
from fairlead.kube.catalogue import Presence
from fairlead.manifest.identity import GroupVersionKind, ResourceKey
from fairlead.manifest.prepare import Desired
from fairlead.manifest.tracking import CUSTOM_RESOURCE_DEFINITION
from fairlead.model.sync import SyncOperation
from fairlead.model.times import parsed
from fairlead.sync.options import parse_options
from fairlead.sync.plan import Plan, PruneCandidate, Wanted, build_plan, prune_waves
from fairlead.sync.prune import PruneProof, may_prune

log = structlog.get_logger(__name__)


def planned(attempt: Attempt, target: Target, comparison: Comparison) -> Plan:
    """The plan as of now."""
    return _Planner(attempt, target, comparison).plan()


class _Planner:
    def __init__(self, attempt: Attempt, target: Target, comparison: Comparison) -> None:
        self._attempt = attempt
        self._target = target
        self._comparison = comparison

    def plan(self) -> Plan:
        attempt, target, comparison = self._attempt, self._target, self._comparison
        app, subject, state = attempt.record.app, attempt.context.subject, attempt.state
        namespace = app.spec.destination.namespace
        policy = app.spec.sync_policy
        started = parsed(state.started_at)
        candidates, options = tuple(self._candidates()), parse_options(self._sync.sync_options)
        attempt.execution.prune_waves.update(prune_waves(candidates, options))
        begun_before = {(item.group, item.kind, item.namespace, item.name) for item in attempt.results}
        return build_plan(
            Wanted(
                operation=state.operation,
                desired=tuple(self._desired()),
                live=attempt.live,
                candidates=candidates,
                pruned_waves=attempt.execution.prune_waves,
                in_sync=frozenset(
                    item.key
                    for item in comparison.items
                    if _is_in_sync(item) and item.key not in begun_before and self._is_marked(item)
                ),
                revision=(target.revisions or ("",))[0],
                started_at=int(started.timestamp()) if started is not None else 0,
                attempt=state.retry_count,
                owns=attempt.owns,
                permit=self._permit,
                discover=self._discover,
                destination_namespace=namespace,
                namespace_exists=subject.cluster.live.get(ResourceKey("", "Namespace", "", namespace))
                is not None,
                managed_namespace_metadata=policy.managed_namespace_metadata if policy is not None else None,
            )
        )

    def _is_marked(self, item: Item) -> bool:
        """Whether an object carries our mark. One that has an older kind of mark is in sync, and is given the
        present one by the next sync."""
        if item.live is None or item.key.group_kind == CUSTOM_RESOURCE_DEFINITION:
            return True
        return item.live.instance == self._attempt.record.instance

    def _desired(self) -> Iterator[Desired]:
        """All but what another application holds and wants too."""
        for item in self._comparison.items:
            if item.desired is None:
                continue
            holder = self._attempt.context.holder(item) if item.other_owner else ""
            if not holder:
                yield item.desired
            else:
                log.info(
                    "sync.left_to_holder",
                    app=self._attempt.record.id.qualified,
                    object=str(item.key),
                    holder=holder,
                )

    def _candidates(self) -> list[PruneCandidate]:
        attempt, target, comparison = self._attempt, self._target, self._comparison
        subject, app = attempt.context.subject, attempt.record.app
        options = parse_options(self._sync.sync_options)
        desired = {item.key for item in target.desired.prepared.objects}
        found = []
        for item in comparison.items:
            if not item.requires_pruning or item.live is None:
                continue
            kind = item.key.group_kind
            proof = PruneProof(
                render_verified=target.is_verified,
                kind_known=subject.cluster.discovery.presence(*kind) is Presence.PRESENT,
                list_complete=subject.cluster.live.is_known(kind),
                desired=desired,
            )
            live = attempt.live.get(item.key)
            if live is None:
                continue  # it went while the comparison was made
            decision = may_prune(
                live,
                proof=proof,
                instance=subject.terms.instance,
                tracking=subject.terms.settings.tracking,
                options=options,
                itself=subject.terms.itself,
                managed_namespace=app.spec.destination.namespace if options.create_namespace else "",
                is_claimed=bool(attempt.context.claimants(item.key)),
            )
            if not decision.allowed:
                log.info(
                    "prune.refused",
                    app=attempt.record.id.qualified,
                    object=str(item.key),
                    reason=decision.reason.value,
                )
            found.append(PruneCandidate(key=item.key, live=live, decision=decision))
        return found

    @property
    def _sync(self) -> SyncOperation:
        return self._attempt.state.operation.sync or SyncOperation()

    def _permit(self, key: ResourceKey, namespaced: bool | None) -> str:
        return self._attempt.context.subject.terms.permitted.refusal(key, namespaced is not False)

    def _discover(self, key: ResourceKey, gvk: GroupVersionKind) -> str:
        cluster = self._attempt.context.subject.cluster
        if cluster.discovery.resource_for(*key.group_kind, gvk.version) is not None:
            return ""
        return not_served(cluster, key, gvk.version)


def _is_in_sync(item: Item) -> bool:
    return item.outcome is not None and item.outcome.status.value == "Synced"
