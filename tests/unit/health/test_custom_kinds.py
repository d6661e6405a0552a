"""Custom kinds that are judged by a table: by conditions, or by a word of their status."""

from typing import Any

import pytest

from fairlead.health import Code, assess
from fairlead.health.custom_kinds import KINDS, OTHERS, WILD, judge_of

Object = dict[str, Any]


def obj(api_version: str, kind: str, status: Object | None = None, **more: Any) -> Object:
    return (
        {"apiVersion": api_version, "kind": kind, "metadata": {"name": "a", "generation": 2}}
        | more
        | ({"status": status} if status is not None else {})
    )


def condition(kind: str, status: str, reason: str = "", message: str = "") -> Object:
    return {"type": kind, "status": status, "reason": reason, "message": message}


def code(found: Object) -> Code | None:
    health = assess(found)
    return health.status if health is not None else None


CASES = [
    ("cert-manager.io/v1", "Certificate", [condition("Ready", "True")], Code.HEALTHY),
    ("cert-manager.io/v1", "Certificate", [condition("Ready", "False", "DoesNotExist")], Code.DEGRADED),
    (
        "cert-manager.io/v1",
        "Certificate",
        [condition("Ready", "False"), condition("Issuing", "True")],
        Code.PROGRESSING,
    ),
    ("cert-manager.io/v1", "CertificateRequest", [condition("Ready", "False", "Pending")], Code.PROGRESSING),
    ("cert-manager.io/v1", "CertificateRequest", [condition("Denied", "True")], Code.DEGRADED),
    ("cert-manager.io/v1", "ClusterIssuer", [], Code.PROGRESSING),
    (
        "external-secrets.io/v1",
        "ExternalSecret",
        [condition("Ready", "False", "SecretSyncedError")],
        Code.DEGRADED,
    ),
    ("kustomize.toolkit.fluxcd.io/v1", "Kustomization", [condition("Ready", "True")], Code.HEALTHY),
    (
        "kustomize.toolkit.fluxcd.io/v1",
        "Kustomization",
        [condition("Ready", "False", "Progressing")],
        Code.PROGRESSING,
    ),
    ("helm.toolkit.fluxcd.io/v2", "HelmRelease", [condition("Stalled", "True")], Code.DEGRADED),
    ("source.toolkit.fluxcd.io/v1", "GitRepository", [condition("Reconciling", "True")], Code.PROGRESSING),
    ("s3.aws.upbound.io/v1", "Bucket", [condition("Synced", "False")], Code.DEGRADED),
    ("s3.aws.upbound.io/v1", "Bucket", [condition("Synced", "True")], Code.PROGRESSING),
    (
        "s3.aws.crossplane.io/v1",
        "Bucket",
        [condition("Synced", "True"), condition("Ready", "True")],
        Code.HEALTHY,
    ),
    ("rds.services.k8s.aws/v1", "DBInstance", [condition("ACK.Terminal", "True")], Code.DEGRADED),
    ("rds.services.k8s.aws/v1", "DBInstance", [condition("ACK.ResourceSynced", "False")], Code.PROGRESSING),
    ("monitoring.coreos.com/v1", "Prometheus", [condition("Available", "True")], Code.HEALTHY),
    ("gateway.networking.k8s.io/v1", "Gateway", [condition("Accepted", "False")], Code.DEGRADED),
    ("gateway.networking.k8s.io/v1", "Gateway", [condition("Programmed", "True")], Code.HEALTHY),
    ("gateway.networking.k8s.io/v1", "GatewayClass", [condition("Accepted", "True")], Code.HEALTHY),
    ("pkg.crossplane.io/v1", "Provider", [condition("Installed", "True")], Code.PROGRESSING),
    ("tekton.dev/v1", "TaskRun", [condition("Succeeded", "False", "Failed")], Code.DEGRADED),
    ("postgresql.cnpg.io/v1", "Cluster", [condition("Ready", "False")], Code.PROGRESSING),
    ("keda.sh/v1alpha1", "ScaledObject", [condition("Ready", "Unknown")], Code.PROGRESSING),
]


@pytest.mark.parametrize(("api_version", "kind", "conditions", "expected"), CASES)
def test_a_kind_is_judged_by_its_conditions(
    api_version: str, kind: str, conditions: list[Object], expected: Code
) -> None:
    assert code(obj(api_version, kind, {"conditions": conditions})) is expected


WORDS = [
    ("argoproj.io/v1alpha1", "Rollout", {"phase": "Healthy"}, Code.HEALTHY),
    ("argoproj.io/v1alpha1", "Rollout", {"phase": "Paused", "message": "CanaryPauseStep"}, Code.SUSPENDED),
    ("argoproj.io/v1alpha1", "Rollout", {}, Code.PROGRESSING),
    ("argoproj.io/v1alpha1", "AnalysisRun", {"phase": "Inconclusive"}, Code.UNKNOWN),
    ("acme.cert-manager.io/v1", "Order", {"state": "valid"}, Code.HEALTHY),
    ("acme.cert-manager.io/v1", "Challenge", {"state": "invalid"}, Code.DEGRADED),
    ("velero.io/v1", "Backup", {"phase": "PartiallyFailed"}, Code.DEGRADED),
    ("elasticsearch.k8s.elastic.co/v1", "Elasticsearch", {"health": "yellow"}, Code.PROGRESSING),
]


@pytest.mark.parametrize(("api_version", "kind", "status", "expected"), WORDS)
def test_a_kind_is_judged_by_a_word_of_its_status(
    api_version: str, kind: str, status: Object, expected: Code
) -> None:
    assert code(obj(api_version, kind, status)) is expected


def test_a_status_about_an_earlier_spec_says_nothing_of_this_one() -> None:
    status = {"observedGeneration": 1, "conditions": [condition("Ready", "True")]}
    assert code(obj("external-secrets.io/v1", "SecretStore", status)) is Code.PROGRESSING
    status["observedGeneration"] = 2
    assert code(obj("external-secrets.io/v1", "SecretStore", status)) is Code.HEALTHY


def test_what_is_suspended_by_its_spec_is_said_so() -> None:
    found = obj("kustomize.toolkit.fluxcd.io/v1", "Kustomization", {"conditions": []}, spec={"suspend": True})
    assert code(found) is Code.SUSPENDED


def test_a_kind_in_no_table_has_no_health() -> None:
    assert judge_of("example.org", "Widget") is None
    assert code(obj("cert-manager.io/v1", "Widget")) is None
    assert judge_of("argoproj.io", "Application") is None


@pytest.mark.parametrize("odd", [None, 7, [], "x", {"conditions": 3}, {"conditions": [None]}, {"phase": []}])
def test_a_status_of_the_wrong_shape_is_judged_without_raising(odd: object) -> None:
    named = [(group, kind) for group, (kinds, _) in KINDS.items() for kind in kinds]
    wild = [(glob.replace("*", "x"), "Thing") for glob in WILD]
    for group, kind in [*named, *OTHERS, *wild]:
        found = {"apiVersion": f"{group}/v1", "kind": kind, "metadata": odd, "spec": odd, "status": odd}
        assert assess(found) is not None or odd is not None
