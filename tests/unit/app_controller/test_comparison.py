"""What a comparison says of objects that cannot be judged, or no longer as they were."""

from __future__ import annotations

import pytest

from fairlead.app_controller.comparing import ask
from fairlead.app_controller.comparing.comparison import compare_application
from fairlead.app_controller.comparing.ledger import Ledger
from fairlead.app_controller.permission import Permission
from fairlead.diff.dry_run import Prediction
from fairlead.kube.kind_watch import KindState
from fairlead.model.status import ConditionType, ResourceIgnoreDifferences, SyncCode
from fairlead.render.jq import UnansweredError
from fairlead.sync.options import parse_options
from tests.unit.app_controller.compared import (
    FakeCluster,
    config_map,
    live,
    otherwise,
    project,
    subject,
    wanted,
)

BAD = ResourceIgnoreDifferences(group="*", kind="*", json_pointers=("spec/replicas",))


async def test_what_the_project_allows_again_is_no_longer_unknown() -> None:
    cluster, ledger = FakeCluster(), Ledger()
    forbids = Permission(project=project("Secret"), server="https://one", cluster_name="one")
    about = subject(cluster, wanted(), permitted=forbids)
    before = await compare_application(about, ledger)
    after = await compare_application(otherwise(about), ledger)
    assert (before.code, after.code) == ("Unknown", "OutOfSync")


async def test_nobody_claims_what_the_own_project_does_not_permit() -> None:
    cluster = FakeCluster(live(instance="another"))
    allowed = await compare_application(subject(cluster, wanted()), Ledger())
    assert [item.other_owner for item in allowed.items] == ["another"]
    forbids = Permission(project=project("Secret"), server="https://one", cluster_name="one")
    found = await compare_application(subject(cluster, wanted(), permitted=forbids), Ledger())
    assert [item.other_owner for item in found.items] == [""]
    assert ConditionType.SHARED_RESOURCE_WARNING not in {remark.type for remark in found.remarks}


async def test_a_confirmation_asked_for_later_is_asked_for() -> None:
    cluster, ledger = FakeCluster(live()), Ledger()
    about = subject(cluster, wanted())
    before = await compare_application(about, ledger)
    options = parse_options(["Delete=confirm"])
    after = await compare_application(otherwise(about, options=options), ledger)
    assert [item.requires_deletion_confirmation for item in before.resources()] == [False]
    assert [item.requires_deletion_confirmation for item in after.resources()] == [True]


async def test_a_cluster_that_cannot_be_read_any_more_is_neither_synced_nor_silent() -> None:
    cluster, ledger = FakeCluster(live()), Ledger()
    about = subject(cluster, wanted())
    assert (await compare_application(about, ledger)).code == "Synced"
    cluster.live.state, cluster.live.reason = KindState.UNKNOWN, "connection refused"
    found = await compare_application(about, ledger)
    assert found.code == "Unknown"
    assert found.is_error
    assert [item.message for item in found.unread] == [
        "Failed to load live state: objects of kind ConfigMap cannot be read: connection refused"
    ]
    cluster.live.state = KindState.KNOWN
    assert (await compare_application(about, ledger)).code == "Synced"


async def test_a_malformed_pointer_is_said_at_every_look_and_asked_of_nobody() -> None:
    cluster, ledger = FakeCluster(live(config_map(colour="green"))), Ledger()
    for _ in range(2):
        found = await compare_application(subject(cluster, wanted(), ignore=(BAD,)), ledger)
        assert found.code == "Unknown"
        assert [item.message for item in found.remarks] == [
            'Failed to compare desired state to live state: JSON pointer "spec/replicas" must start with "/"'
        ]
        assert found.items[0].outcome is not None
        assert not found.items[0].outcome.needs_asking


async def test_what_goes_wrong_with_one_object_is_said_of_it() -> None:
    cluster = FakeCluster(live())
    cluster.fingerprints = None  # type: ignore[assignment]
    found = await compare_application(subject(cluster, wanted()), Ledger())
    assert found.code == "Unknown"
    assert "AttributeError" in found.remarks[0].message


async def test_a_kind_that_is_not_followed_is_left_out_and_said() -> None:
    cluster = FakeCluster()
    for state in (KindState.EXCLUDED, KindState.UNWATCHABLE):
        cluster.live.state = state
        found = await compare_application(subject(cluster, wanted()), Ledger())
        assert found.items == ()
        assert [item.type for item in found.remarks] == ["ExcludedResourceWarning"]


async def test_a_rule_is_read_once_an_object_and_comparison() -> None:
    cluster = FakeCluster(live())
    rule = ResourceIgnoreDifferences(group="*", kind="*", json_pointers=("/data/colour",))
    found = await compare_application(
        subject(cluster, wanted(config_map(colour="red")), ignore=(rule,)), Ledger()
    )
    assert found.code == "Synced"
    rules = found.items[0].rules
    assert rules is not None
    assert rules.ignored.pointers == (("data", "colour"),)


async def test_a_jq_expression_that_was_not_answered_once_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    async def predicted(*_: object) -> Prediction:
        asked.append("jq")
        if len(asked) == 1:
            raise UnansweredError("jq expression '.data' took too long")
        return Prediction(equal=True, predicted={}, live={})

    monkeypatch.setattr(ask, "predicted", predicted)
    cluster, ledger = FakeCluster(live(config_map(colour="red"))), Ledger()
    about = subject(cluster, wanted())
    assert (await compare_application(about, ledger)).code is SyncCode.UNKNOWN
    assert (await compare_application(about, ledger)).code is SyncCode.SYNCED
