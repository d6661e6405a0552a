"""Policies and identities: Kyverno, Open Cluster Management, Keycloak, 3scale.

Conditions: kyverno.io/docs/policy-types, open-cluster-management.io (policy add-on),
keycloak.org/operator, github.com/3scale/3scale-operator (doc/).
"""

from __future__ import annotations

from fairlead.health.by_conditions import ByConditions
from fairlead.health.by_flag import ByFlag
from fairlead.health.custom.shapes import BAD, GOING, READY, Table
from fairlead.health.judge import By
from fairlead.health.status import Health, degraded, healthy, progressing
from fairlead.manifest.fields import Manifest, list_at, mapping_at, maps_at, text_at

RULED = ByFlag(
    flag=("status", "conditionStatus", "ready"),
    message=("status", "conditionStatus", "message"),
    on_false=BAD,
)
KEYCLOAK = ByConditions(failed=("HasErrors",), working=("RollingUpdate",), on_false=GOING)
INVALID = ("Invalid", "Failed", "Orphan")
SYNCED = ByConditions(ready=("Synced",), failed=INVALID, on_false=GOING)
SCALED = ByConditions(failed=INVALID, on_false=GOING)


def complied(obj: Manifest) -> Health:
    """A policy of Open Cluster Management: whether clusters are as it wants them, and which are not."""
    match text_at(obj, "status", "compliant"):
        case "Compliant":
            return healthy()
        case "NonCompliant":
            return degraded(_strays(obj))
        case word:
            return progressing(word or "Waiting for the clusters to report")


def _strays(obj: Manifest) -> str:
    strays = [
        text_at(item, "clustername")
        for item in maps_at(obj, "status", "status")
        if text_at(item, "compliant") == "NonCompliant"
    ]
    if strays:
        return f"Clusters that do not comply: {', '.join(strays[:5])}"
    for detail in maps_at(obj, "status", "compliancyDetails"):
        if text_at(detail, "Compliant") == "NonCompliant":
            for condition in maps_at(detail, "conditions"):
                return text_at(condition, "message")
    return "NonCompliant"


def certified(obj: Manifest) -> Health:
    """CertificatePolicy: as the others, but its details are a map by namespace."""
    health = complied(obj)
    if health.status is not BAD:
        return health
    for detail in mapping_at(obj, "status", "compliancyDetails").values():
        if list_at(detail, "nonCompliantCertificates") or text_at(detail, "message"):
            return degraded(text_at(detail, "message") or health.message)
    return health


TABLE: Table = {
    "apps.3scale.net": {"APIManager": ByConditions(ready=("Available",), on_false=GOING)},
    "capabilities.3scale.net": {
        "Backend Product": SYNCED,
        "ActiveDoc Application ApplicationAuth CustomPolicyDefinition DeveloperAccount DeveloperUser OpenAPI "
        "ProxyConfigPromote Tenant": SCALED,
    },
    "k8s.keycloak.org": {"Keycloak": KEYCLOAK},
    "kyverno.io": {"ClusterPolicy Policy": READY},
    "policies.kyverno.io": {
        "DeletingPolicy GeneratingPolicy ImageValidatingPolicy MutatingPolicy NamespacedDeletingPolicy "
        "NamespacedGeneratingPolicy NamespacedImageValidatingPolicy NamespacedMutatingPolicy "
        "NamespacedValidatingPolicy ValidatingPolicy": RULED,
    },
    "policy.open-cluster-management.io": {
        "CertificatePolicy": By(certified),
        "ConfigurationPolicy OperatorPolicy Policy": By(complied),
    },
}
