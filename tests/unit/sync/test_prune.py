"""What may be pruned: everything is refused until each piece of evidence is there."""

from __future__ import annotations

from itertools import product
from typing import Any

import msgspec
import pytest

from fairlead.manifest.identity import ResourceKey, key_of
from fairlead.manifest.tracking import Tracking, stamp
from fairlead.model.sync import Operation, SyncOperation
from fairlead.sync.options import SyncOptions
from fairlead.sync.plan import PruneCandidate, Wanted, build_plan, prune_waves
from fairlead.sync.prune import PruneDecision, PruneProof, Refusal, may_prune
from tests.unit.sync.cluster import thing

PROOF = PruneProof(render_verified=True, kind_known=True, list_complete=True, desired=frozenset())


def live(**metadata: Any) -> dict[str, Any]:
    obj = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "ns"}}
    marked = stamp(obj, "app", "ns")
    annotations = {**marked["metadata"]["annotations"], **metadata.pop("annotations", {})}
    return {**marked, "metadata": {**marked["metadata"], "uid": "u", **metadata, "annotations": annotations}}


def decide(obj: dict[str, Any], proof: PruneProof = PROOF, **more: Any) -> PruneDecision:
    given: dict[str, Any] = {"instance": "app", "tracking": Tracking(), "options": SyncOptions(), **more}
    return may_prune(obj, proof=proof, **given)


def test_prune_is_allowed_when_everything_is_proven() -> None:
    assert decide(live()) == PruneDecision(allowed=True)


@pytest.mark.parametrize("pieces", [p for p in product((True, False), repeat=4) if not all(p)])
def test_prune_is_refused_when_any_piece_of_evidence_is_missing(pieces: tuple[bool, ...]) -> None:
    rendered, known, listed, desired = pieces
    proof = PruneProof(
        render_verified=rendered,
        kind_known=known,
        list_complete=listed,
        desired=frozenset() if desired else None,
    )
    assert not decide(live(), proof).allowed


def test_prune_is_refused_without_being_told_anything() -> None:
    assert decide(live(), PruneProof()).reason is Refusal.RENDER_NOT_VERIFIED


@pytest.mark.parametrize(
    ("obj", "reason"),
    [
        ({}, Refusal.NOT_AN_OBJECT),
        ({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "uid": "u"}}, Refusal.NOT_OURS),
        (live(uid=""), Refusal.NO_UID),
        (live(name="copy"), Refusal.COPIED_MARK),
        (live(namespace="elsewhere"), Refusal.COPIED_MARK),
        (live(ownerReferences=[{"uid": "1"}]), Refusal.HAS_OWNER),
        (live(annotations={"argocd.argoproj.io/hook": "PreSync"}), Refusal.IS_HOOK),
        (live(annotations={"argocd.argoproj.io/sync-options": "Prune=false"}), Refusal.NEVER),
    ],
)
def test_prune_is_refused_for_what_is_not_ours_to_remove(obj: dict[str, Any], reason: Refusal) -> None:
    assert decide(obj) == PruneDecision(allowed=False, reason=reason)


def test_prune_is_refused_for_another_applications_object() -> None:
    assert decide(live(), instance="other").reason is Refusal.NOT_OURS


def test_prune_is_refused_for_what_the_render_still_has() -> None:
    proof = msgspec.structs.replace(PROOF, desired=frozenset({key_of(live())}))
    assert decide(live(), proof).reason is Refusal.STILL_DESIRED


def test_prune_is_refused_for_what_another_application_wants() -> None:
    assert decide(live(), is_claimed=True) == PruneDecision(allowed=False, reason=Refusal.CLAIMED)


def test_an_application_does_not_prune_itself() -> None:
    assert decide(live(), itself=key_of(live())).reason is Refusal.IS_ITSELF


def test_the_namespace_the_options_made_is_not_pruned() -> None:
    namespace = stamp(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "ns", "uid": "u"}}, "app", "ns"
    )
    assert decide(namespace, managed_namespace="ns").reason is Refusal.NAMESPACE_OF_OURS
    assert decide(namespace).allowed


def test_an_object_that_wants_confirmation_says_so() -> None:
    found = decide(live(annotations={"argocd.argoproj.io/sync-options": "Prune=confirm"}))
    assert (found.allowed, found.needs_confirmation) == (True, True)


def test_the_order_of_prunes_stays_when_some_of_them_are_gone() -> None:
    """A plan is made anew for each step, and what the one before pruned is no candidate any more."""
    decision = PruneDecision(allowed=True)
    live = {
        key: thing("ConfigMap", key.name, wave=key.name.removeprefix("p"))
        for key in (ResourceKey("", "ConfigMap", "shop", f"p{wave}") for wave in (0, 1, 2))
    }
    candidates = [PruneCandidate(key=key, live=obj, decision=decision) for key, obj in live.items()]

    def waves(left: list[PruneCandidate]) -> dict[str, int]:
        plan = build_plan(
            Wanted(
                operation=Operation(sync=SyncOperation(prune=True)),
                desired=(),
                live=live,
                candidates=tuple(left),
                pruned_waves=prune_waves(candidates, SyncOptions()),
            )
        )
        return {task.key.name: task.wave for task in plan.tasks}

    assert waves(candidates) == {"p0": 2, "p1": 1, "p2": 0}
    assert waves(candidates[:2]) == {"p0": 2, "p1": 1}
    assert waves(candidates[:1]) == {"p0": 2}
