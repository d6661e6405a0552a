"""Clusters, nodes and tenants: Cluster API, Karpenter, Gardener, Karmada, Capsule, nmstate, OpenShift.

Conditions: cluster-api.sigs.k8s.io (proposal of status v1beta2), karpenter.sh/docs, gardener.cloud/docs,
karmada.io/docs, projectcapsule.dev/docs, nmstate.io/kubernetes-nmstate, docs.openshift.com (config API).
"""

from __future__ import annotations

from fairlead.health.by_conditions import ByConditions
from fairlead.health.by_each import ByEach
from fairlead.health.by_word import ByWord
from fairlead.health.conditions import condition_of, conditions_of, is_false
from fairlead.health.custom.shapes import BAD, GOING, KSTATUS, KSTATUS_IF_ANY, OK, OPERATOR, READY, Table
from fairlead.health.judge import UNSEEN, By, is_outdated
from fairlead.health.status import Health, degraded, healthy, progressing, suspended
from fairlead.manifest.fields import Manifest, flag_at, integer_at, list_at, mapping_at, maps_at, text_at

PAUSED = (("spec", "paused"),)
PROVISIONED = ByConditions(
    held=("Paused",),
    held_by=PAUSED,
    on_false=GOING,
    fatal=("InstanceProvisionFailed", "ControlPlaneInitializationFailed", "Failed"),
)


def provisioned(obj: Manifest) -> Health:
    """A Cluster that has its infrastructure: by Available, which Ready was called before v1beta2."""
    newer = condition_of(obj, "Available") is not None
    return (PROVISIONED._replace(ready=("Available",)) if newer else PROVISIONED).assess(obj)


CLUSTER = ByWord(
    words={"Failed": BAD, "Pending": GOING, "Provisioning": GOING, "Deleting": GOING},
    message=("status", "failureMessage"),
    held_by=PAUSED,
    rest=By(provisioned),
)
MACHINE = ByWord(
    words={"Running": OK, "Failed": BAD},
    message=("status", "failureMessage"),
    held_by=PAUSED,
)
POOL = MACHINE._replace(words={"Running": OK, "Failed": BAD, "Deleting": GOING})
CONTROL_PLANE = ByConditions(held_by=PAUSED, on_false=GOING, fatal=("EKSControlPlaneReconciliationFailed",))
NODE = ByConditions(demanded=("Launched",), on_false=GOING)
REMEDIATED = ByConditions(ready=("RemediationAllowed",), optional=True)
APPLIED_SET = ByConditions(ready=("ResourcesApplied",))
ADMITTED = ByEach(
    path=("status", "ingress"),
    each=ByConditions(ready=("Admitted",)),
    bare="Waiting for a router to admit it",
)
CONFIGURED = ByConditions(
    ready=("Available",),
    failed=("Degraded",),
    working=("Progressing",),
    passing=("ConfigurationProgressing",),
)
CORDONED = ByConditions(
    held=("Cordoned",), held_by=(("spec", "cordoned"),), optional=True, working=("Reconciling",)
)


def operated(obj: Manifest) -> Health:
    """Shoot of Gardener: its last operation, then what its conditions say of its parts."""
    if is_outdated(obj):
        return progressing(UNSEEN)
    last = mapping_at(obj, "status", "lastOperation")
    words = text_at(last, "description")
    state = text_at(last, "state")
    if state != "Succeeded":
        failed = state in ("Failed", "Error", "Aborted")
        return Health(BAD if failed else GOING, words or "Waiting for the first operation")
    if flag_at(obj, "status", "hibernated"):
        return suspended("The cluster hibernates")
    return _parts(obj, words)


def _parts(obj: Manifest, words: str) -> Health:
    for condition in conditions_of(obj):
        if is_false(condition):
            return degraded(text_at(condition, "message") or text_at(condition, "reason"))
        if condition.get("status") in ("Progressing", "Unknown"):
            return progressing(text_at(condition, "message") or text_at(condition, "reason"))
    return healthy(words)


def checked(obj: Manifest) -> Health:
    """MachineHealthCheck: how many of the machines it looks at are well, and whether it may mend others."""
    if is_outdated(obj):
        return progressing(UNSEEN)
    remedy = REMEDIATED.assess(obj)
    if remedy.status is BAD:
        return remedy
    if "expectedMachines" not in mapping_at(obj, "status"):
        return progressing("Waiting for the machines to be counted")
    expected = integer_at(obj, "status", "expectedMachines")
    current = integer_at(obj, "status", "currentHealthy")
    if current < expected:
        return progressing(f"{current} of {expected} machines are healthy")
    return healthy()


def propagated(obj: Manifest) -> Health:
    """A binding of Karmada: scheduled, applied everywhere, and well where it was applied."""
    found = ByConditions(
        ready=("Scheduled", "FullyApplied"), on_false=GOING, fatal=("Unschedulable", "NoClusterFit")
    )
    health = found.assess(obj)
    if health.status is not OK:
        return health
    for there in maps_at(obj, "status", "aggregatedStatus"):
        if text_at(there, "health") == "Unhealthy":
            return degraded(f"It is not healthy in {text_at(there, 'clusterName')}")
    if not list_at(obj, "status", "aggregatedStatus"):
        return progressing("Waiting for the clusters to report")
    return health


CAPSULE = (
    "CapsuleConfiguration CustomQuota GlobalCustomQuota GlobalProxySettings GlobalTenantResource "
    "ProxySetting TenantOwner"
)

TABLE: Table = {
    "addons.cluster.x-k8s.io": {"ClusterResourceSet": APPLIED_SET},
    "capsule.clastix.io": {
        "Tenant TenantResource": CORDONED,
        "ResourcePool ResourcePoolClaim": KSTATUS._replace(failed=("Exhausted",)),
        CAPSULE: KSTATUS_IF_ANY,
    },
    "cluster.x-k8s.io": {
        "Cluster": CLUSTER,
        "Machine MachineDeployment": MACHINE,
        "MachineHealthCheck": By(checked),
        "MachinePool": POOL,
    },
    "controlplane.cluster.x-k8s.io": {"AWSManagedControlPlane": CONTROL_PLANE},
    "core.gardener.cloud": {"Shoot": By(operated)},
    "karpenter.k8s.aws": {"EC2NodeClass": READY},
    "karpenter.sh": {"NodeClaim": NODE, "NodePool": READY},
    "nmstate.io": {"NodeNetworkConfigurationPolicy": CONFIGURED},
    "operator.openshift.io": {"IngressController": OPERATOR},
    "route.openshift.io": {"Route": ADMITTED},
    "work.karmada.io": {"ClusterResourceBinding ResourceBinding": By(propagated)},
}
