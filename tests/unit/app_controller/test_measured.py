"""What Prometheus is told of an application."""

import msgspec

from fairlead.app_controller.measuring.measured import measure
from fairlead.model.decode import decode_application
from fairlead.settings import MetricsOptions, controller_parameters

APP = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Application",
    "metadata": {"name": "web", "namespace": "argocd", "labels": {"team/name": "a", "tier": "1"}},
    "spec": {
        "project": "shop",
        "source": {"repoURL": "https://user:word@Git.example/Shop.git", "path": "web"},
        "destination": {"name": "prod", "namespace": "web"},
        "syncPolicy": {"automated": {}},
    },
    "status": {
        "sync": {"status": "Synced"},
        "health": {"status": "Degraded"},
        "conditions": [
            {"type": "SyncError", "message": "a"},
            {"type": "SyncError", "message": "b"},
            {"type": "OrphanedResourceWarning", "message": "c"},
        ],
        "operationState": {"phase": "Failed", "operation": {}, "startedAt": "2026-01-01T00:00:00Z"},
    },
    "operation": {"sync": {}},
}
OPTIONS = MetricsOptions(
    application_labels=("team/name", "absent"), application_conditions=("SyncError", "SharedResourceWarning")
)


def test_an_application_is_told_with_the_labels_of_the_contract() -> None:
    found = measure(decode_application(msgspec.json.encode(APP)), "https://c", MetricsOptions())
    assert found.info == (
        b'argocd_app_info{namespace="argocd",name="web",project="shop",autosync_enabled="true",'
        b'repo="https://git.example/shop",dest_server="https://c",dest_namespace="web",sync_status="Synced",'
        b'health_status="Degraded",hydrator_status="",operation="sync",phase="Failed"} 1\n'
    )
    assert (found.labels, found.conditions) == (b"", b"")


def test_labels_and_conditions_are_told_when_they_are_asked_for() -> None:
    found = measure(decode_application(msgspec.json.encode(APP)), "https://c", OPTIONS)
    named = b'namespace="argocd",name="web",project="shop"'
    assert found.labels == b"argocd_app_labels{" + named + b',label_team_name="a",label_absent=""} 1\n'
    assert found.conditions == b"argocd_app_condition{" + named + b',condition="SyncError"} 2\n'


def test_what_holds_is_kept_until_the_application_or_its_cluster_changes() -> None:
    app = decode_application(msgspec.json.encode(APP))
    found = measure(app, "https://c", OPTIONS)
    assert found.is_of(app, "https://c")
    assert not found.is_of(app, "https://other")
    assert not found.is_of(decode_application(msgspec.json.encode(APP)), "https://c")


def test_nothing_known_reads_as_unknown() -> None:
    bare = {**APP, "status": {}, "operation": None, "spec": {"source": {"repoURL": "", "path": "."}}}
    found = measure(decode_application(msgspec.json.encode(bare)), "", MetricsOptions())
    assert b'project="default",autosync_enabled="false"' in found.info
    assert b'sync_status="Unknown",health_status="Unknown"' in found.info


def test_the_parameters_choose_labels_conditions_and_life() -> None:
    found = controller_parameters(
        {
            "controller.metrics.application.labels": "team/name, absent",
            "controller.metrics.application.conditions": "SyncError,SharedResourceWarning",
            "controller.metrics.cluster.labels": "region",
            "controller.metrics.cache.expiration": "24h",
        }
    )
    assert found.metrics == MetricsOptions(
        application_labels=OPTIONS.application_labels,
        application_conditions=OPTIONS.application_conditions,
        cluster_labels=("region",),
        expiration=86400.0,
    )
