"""The kinds that a played cluster serves: the built-in ones of Kubernetes 1.36.

Invariant: the order is that in which a real API server lists its groups.
"""

import msgspec

ALL = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
CREATE = ("create",)
STATUS = ("status",)
SCALED = ("scale", "status")


class Kind(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One resource of one version; each is itself only, so that it is found by identity."""

    group: str
    version: str
    plural: str
    name: str
    namespaced: bool = True
    verbs: tuple[str, ...] = ALL
    subresources: tuple[str, ...] = ()
    short: tuple[str, ...] = ()

    @property
    def api_version(self) -> str:
        """As objects say it."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def path(self) -> str:
        """Of the collection in all namespaces."""
        return f"/apis/{self.group}/{self.version}/{self.plural}" if self.group else f"/api/v1/{self.plural}"

    @property
    def qualified(self) -> str:
        """As messages name it: `configmaps`, `deployments.apps`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


def _kinds(group: str, version: str, *rows: tuple[str, str, bool, tuple[str, ...]]) -> list[Kind]:
    return [
        Kind(
            group=group, version=version, plural=plural, name=name, namespaced=namespaced, subresources=below
        )
        for plural, name, namespaced, below in rows
    ]


def _only_created(group: str, *rows: tuple[str, str, bool]) -> list[Kind]:
    return [
        Kind(group=group, version="v1", plural=plural, name=name, namespaced=namespaced, verbs=CREATE)
        for plural, name, namespaced in rows
    ]


_POD = (
    "attach",
    "binding",
    "ephemeralcontainers",
    "eviction",
    "exec",
    "log",
    "portforward",
    "proxy",
    "status",
)
_ADMISSION = "admissionregistration.k8s.io"
_RBAC = "rbac.authorization.k8s.io"

KINDS: tuple[Kind, ...] = (
    *_only_created("", ("bindings", "Binding", True)),
    *_kinds(
        "",
        "v1",
        ("configmaps", "ConfigMap", True, ()),
        ("endpoints", "Endpoints", True, ()),
        ("events", "Event", True, ()),
        ("limitranges", "LimitRange", True, ()),
        ("namespaces", "Namespace", False, ("finalize", "status")),
        ("nodes", "Node", False, ("proxy", "status")),
        ("persistentvolumeclaims", "PersistentVolumeClaim", True, STATUS),
        ("persistentvolumes", "PersistentVolume", False, STATUS),
        ("pods", "Pod", True, _POD),
        ("podtemplates", "PodTemplate", True, ()),
        ("replicationcontrollers", "ReplicationController", True, SCALED),
        ("resourcequotas", "ResourceQuota", True, STATUS),
        ("secrets", "Secret", True, ()),
        ("serviceaccounts", "ServiceAccount", True, ("token",)),
        ("services", "Service", True, ("proxy", "status")),
    ),
    *_kinds("apiregistration.k8s.io", "v1", ("apiservices", "APIService", False, STATUS)),
    *_kinds(
        "apps",
        "v1",
        ("controllerrevisions", "ControllerRevision", True, ()),
        ("daemonsets", "DaemonSet", True, STATUS),
        ("deployments", "Deployment", True, SCALED),
        ("replicasets", "ReplicaSet", True, SCALED),
        ("statefulsets", "StatefulSet", True, SCALED),
    ),
    *_kinds("events.k8s.io", "v1", ("events", "Event", True, ())),
    *_only_created(
        "authentication.k8s.io",
        ("selfsubjectreviews", "SelfSubjectReview", False),
        ("tokenreviews", "TokenReview", False),
    ),
    *_only_created(
        "authorization.k8s.io",
        ("localsubjectaccessreviews", "LocalSubjectAccessReview", True),
        ("selfsubjectaccessreviews", "SelfSubjectAccessReview", False),
        ("selfsubjectrulesreviews", "SelfSubjectRulesReview", False),
        ("subjectaccessreviews", "SubjectAccessReview", False),
    ),
    *_kinds("autoscaling", "v2", ("horizontalpodautoscalers", "HorizontalPodAutoscaler", True, STATUS)),
    *_kinds("autoscaling", "v1", ("horizontalpodautoscalers", "HorizontalPodAutoscaler", True, STATUS)),
    *_kinds("batch", "v1", ("cronjobs", "CronJob", True, STATUS), ("jobs", "Job", True, STATUS)),
    *_kinds(
        "certificates.k8s.io",
        "v1",
        ("certificatesigningrequests", "CertificateSigningRequest", False, ("approval", "status")),
    ),
    *_kinds(
        "networking.k8s.io",
        "v1",
        ("ingressclasses", "IngressClass", False, ()),
        ("ingresses", "Ingress", True, STATUS),
        ("ipaddresses", "IPAddress", False, ()),
        ("networkpolicies", "NetworkPolicy", True, ()),
        ("servicecidrs", "ServiceCIDR", False, STATUS),
    ),
    *_kinds("policy", "v1", ("poddisruptionbudgets", "PodDisruptionBudget", True, STATUS)),
    *_kinds(
        _RBAC,
        "v1",
        ("clusterrolebindings", "ClusterRoleBinding", False, ()),
        ("clusterroles", "ClusterRole", False, ()),
        ("rolebindings", "RoleBinding", True, ()),
        ("roles", "Role", True, ()),
    ),
    *_kinds(
        "storage.k8s.io",
        "v1",
        ("csidrivers", "CSIDriver", False, ()),
        ("csinodes", "CSINode", False, ()),
        ("csistoragecapacities", "CSIStorageCapacity", True, ()),
        ("storageclasses", "StorageClass", False, ()),
        ("volumeattachments", "VolumeAttachment", False, STATUS),
        ("volumeattributesclasses", "VolumeAttributesClass", False, ()),
    ),
    *_kinds(
        _ADMISSION,
        "v1",
        ("mutatingadmissionpolicies", "MutatingAdmissionPolicy", False, ()),
        ("mutatingadmissionpolicybindings", "MutatingAdmissionPolicyBinding", False, ()),
        ("mutatingwebhookconfigurations", "MutatingWebhookConfiguration", False, ()),
        ("validatingadmissionpolicies", "ValidatingAdmissionPolicy", False, STATUS),
        ("validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", False, ()),
        ("validatingwebhookconfigurations", "ValidatingWebhookConfiguration", False, ()),
    ),
    *_kinds(
        "apiextensions.k8s.io",
        "v1",
        ("customresourcedefinitions", "CustomResourceDefinition", False, STATUS),
    ),
    *_kinds("scheduling.k8s.io", "v1", ("priorityclasses", "PriorityClass", False, ())),
    *_kinds("coordination.k8s.io", "v1", ("leases", "Lease", True, ())),
    *_kinds("node.k8s.io", "v1", ("runtimeclasses", "RuntimeClass", False, ())),
    *_kinds("discovery.k8s.io", "v1", ("endpointslices", "EndpointSlice", True, ())),
    *_kinds(
        "resource.k8s.io",
        "v1",
        ("deviceclasses", "DeviceClass", False, ()),
        ("resourceclaims", "ResourceClaim", True, STATUS),
        ("resourceclaimtemplates", "ResourceClaimTemplate", True, ()),
        ("resourceslices", "ResourceSlice", False, ()),
    ),
    *_kinds(
        "flowcontrol.apiserver.k8s.io",
        "v1",
        ("flowschemas", "FlowSchema", False, STATUS),
        ("prioritylevelconfigurations", "PriorityLevelConfiguration", False, STATUS),
    ),
)
BY_PATH: dict[tuple[str, str, str], Kind] = {(kind.group, kind.version, kind.plural): kind for kind in KINDS}
PLACES: dict[Kind, int] = {kind: place for place, kind in enumerate(KINDS)}
NAMESPACE = BY_PATH["", "v1", "namespaces"]
