"""What an application's parts mean, without a cluster."""

import msgspec
import pytest

from fairlead.model.application import AppId, ApplicationSpec, Automated, SyncPolicy
from fairlead.model.source import Directory, DrySource, Helm, Source, SourceHydrator, SyncSource
from fairlead.model.status import SyncStatus
from fairlead.model.sync import OperationPhase

GIT = Source(repo_url="https://git.example/shop.git", path="deploy")
OTHER = Source(repo_url="https://git.example/other.git", path="deploy")


def test_the_single_source_is_deployed_when_there_are_no_others() -> None:
    assert ApplicationSpec(source=GIT).effective_sources() == (GIT,)
    assert ApplicationSpec().effective_sources() == ()


def test_several_sources_win_over_the_single_one() -> None:
    spec = ApplicationSpec(source=GIT, sources=(OTHER, GIT))
    assert spec.effective_sources() == (OTHER, GIT)
    assert spec.has_multiple_sources


def test_a_hydrator_wins_over_every_source_and_deploys_its_sync_source() -> None:
    hydrator = SourceHydrator(
        dry_source=DrySource(repo_url="https://git.example/dry.git", target_revision="main", path="apps"),
        sync_source=SyncSource(target_branch="env/prod", path="shop"),
    )
    spec = ApplicationSpec(source=GIT, sources=(OTHER,), source_hydrator=hydrator)
    deployed = Source(repo_url="https://git.example/dry.git", target_revision="env/prod", path="shop")
    assert spec.effective_sources() == (deployed,)
    assert not spec.has_multiple_sources


@pytest.mark.parametrize(
    ("policy", "automated"),
    [
        (None, False),
        (SyncPolicy(), False),
        (SyncPolicy(automated=Automated()), True),
        (SyncPolicy(automated=Automated(enabled=True)), True),
        (SyncPolicy(automated=Automated(enabled=False, prune=True)), False),
    ],
)
def test_automation_is_on_unless_its_block_is_missing_or_says_no(
    policy: SyncPolicy | None, automated: bool
) -> None:
    assert ApplicationSpec(sync_policy=policy).is_automated is automated


def test_a_normalized_spec_names_its_project_and_drops_blocks_that_say_nothing() -> None:
    empty_tools = Source(repo_url=GIT.repo_url, path=GIT.path, helm=Helm(), directory=Directory())
    spec = ApplicationSpec(source=empty_tools, sources=(empty_tools,), sync_policy=SyncPolicy())
    assert spec.normalized() == ApplicationSpec(project="default", source=GIT, sources=(GIT,))


def test_an_automated_block_without_settings_survives_normalization() -> None:
    policy = SyncPolicy(automated=Automated())
    assert ApplicationSpec(sync_policy=policy).normalized().sync_policy == policy


def test_an_instance_is_the_bare_name_only_in_the_control_namespace() -> None:
    assert AppId("argocd", "shop").instance("argocd") == "shop"
    assert AppId("retail", "shop").instance("argocd") == "retail_shop"
    for app in (AppId("argocd", "shop"), AppId("retail", "shop")):
        assert AppId.from_instance(app.instance("argocd"), "argocd") == app
        assert AppId.from_qualified(app.qualified) == app
    assert AppId.from_qualified("shop", "argocd") == AppId("argocd", "shop")


def test_only_three_operation_phases_are_final() -> None:
    final = {phase for phase in OperationPhase if phase.is_final}
    assert final == {OperationPhase.FAILED, OperationPhase.ERROR, OperationPhase.SUCCEEDED}


def test_history_keeps_ten_unless_told_even_to_keep_none() -> None:
    assert ApplicationSpec().history_limit == 10
    assert ApplicationSpec(revision_history_limit=0).history_limit == 0


def test_a_status_that_was_never_compared_still_has_its_required_field() -> None:
    assert msgspec.json.decode(msgspec.json.encode(SyncStatus())) == {"status": ""}
