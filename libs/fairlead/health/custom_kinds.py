"""The health of custom kinds that are often deployed, most by conditions, some by a word of their status.

Why a table: these kinds differ in names, not in how they are judged. What it does not know, `argocd-cm` may
judge by a script. Invariant: an exact group comes before one that holds `*`.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache
from typing import TypeAlias

from fairlead.health.by_conditions import ByConditions
from fairlead.health.by_word import ByWord
from fairlead.health.status import Code

Judge: TypeAlias = ByConditions | ByWord

_OK, _BAD, _HELD, _ODD = Code.HEALTHY, Code.DEGRADED, Code.SUSPENDED, Code.UNKNOWN

READY = ByConditions()
COMING = ByConditions(on_false=Code.PROGRESSING)
FLUX = ByConditions(
    may_suspend=True,
    working=("Reconciling",),
    failed=("Stalled",),
    passing=("Progressing", "ProgressingWithRetry", "DependencyNotReady"),
)
ISSUED = ByConditions(working=("Issuing",), bare="Waiting for the certificate")
REQUEST = ByConditions(failed=("InvalidRequest", "Denied"), passing=("Pending",))
SYNCED = ByConditions(ready=("Synced",))
AVAILABLE = ByConditions(ready=("Available",), passing=("Progressing",))
PROVIDED = ByConditions(demanded=("Synced", "LastAsyncOperation"), on_false=Code.PROGRESSING)
PROGRAMMED = ByConditions(
    ready=("Programmed",), demanded=("Accepted",), passing=("Pending", "AddressNotAssigned")
)
STRIMZI = ByConditions(failed=("NotReady",), bare="Waiting for the operator")
SUCCEEDED = ByConditions(ready=("Succeeded",), passing=("Running", "Started", "Pending"))
ACK = ByConditions(ready=("ACK.ResourceSynced",), failed=("ACK.Terminal",), on_false=Code.PROGRESSING)
ORDER = ByWord(
    words={"valid": _OK, "invalid": _BAD, "errored": _BAD, "expired": _BAD},
    path=("status", "state"),
    message=("status", "reason"),
)
RUN = ByWord(words={"Successful": _OK, "Failed": _BAD, "Error": _BAD, "Inconclusive": _ODD})
ROLLOUT = ByWord(words={"Healthy": _OK, "Degraded": _BAD, "Paused": _HELD})
BACKUP = ByWord(
    words={
        "Completed": _OK,
        "Enabled": _OK,
        "Failed": _BAD,
        "FailedValidation": _BAD,
        "PartiallyFailed": _BAD,
        "FinalizingPartiallyFailed": _BAD,
        "WaitingForPluginOperationsPartiallyFailed": _BAD,
        "Paused": _HELD,
    },
    message=("status", "failureReason"),
)
ELASTIC = ByWord(words={"green": _OK, "red": _BAD}, path=("status", "health"))

KINDS: dict[str, tuple[tuple[str, ...], Judge]] = {
    "acme.cert-manager.io": (("Challenge", "Order"), ORDER),
    "bitnami.com": (("SealedSecret",), SYNCED),
    "elasticsearch.k8s.elastic.co": (("Elasticsearch",), ELASTIC),
    "external-secrets.io": (
        ("ClusterExternalSecret", "ClusterSecretStore", "ExternalSecret", "PushSecret", "SecretStore"),
        READY,
    ),
    "gateway.networking.k8s.io": (("Gateway",), PROGRAMMED),
    "helm.toolkit.fluxcd.io": (("HelmRelease",), FLUX),
    "image.toolkit.fluxcd.io": (("ImagePolicy", "ImageRepository", "ImageUpdateAutomation"), FLUX),
    "k8s.mariadb.com": (("Backup", "Database", "Grant", "MariaDB", "SqlJob", "User"), COMING),
    "kafka.strimzi.io": (
        ("Kafka", "KafkaBridge", "KafkaConnect", "KafkaConnector", "KafkaTopic", "KafkaUser"),
        STRIMZI,
    ),
    "karpenter.k8s.aws": (("EC2NodeClass",), READY),
    "karpenter.sh": (("NodeClaim", "NodePool"), COMING),
    "keda.sh": (("ScaledJob", "ScaledObject"), READY),
    "kustomize.toolkit.fluxcd.io": (("Kustomization",), FLUX),
    "kyverno.io": (("ClusterPolicy", "Policy"), READY),
    "monitoring.coreos.com": (("Alertmanager", "Prometheus", "ThanosRuler"), AVAILABLE),
    "notification.toolkit.fluxcd.io": (("Receiver",), FLUX),
    "pkg.crossplane.io": (("Provider",), ByConditions(ready=("Installed", "Healthy"))),
    "postgresql.cnpg.io": (("Cluster",), COMING),
    "serving.knative.dev": (("Service",), READY),
    "serving.kserve.io": (("InferenceService",), COMING),
    "source.toolkit.fluxcd.io": (
        ("Bucket", "GitRepository", "HelmChart", "HelmRepository", "OCIRepository"),
        FLUX,
    ),
    "tekton.dev": (("PipelineRun", "TaskRun"), SUCCEEDED),
    "trust.cert-manager.io": (("Bundle",), SYNCED),
    "velero.io": (("Backup", "Restore", "Schedule"), BACKUP),
}
"""By group; kinds of one group that are judged otherwise are below."""

OTHERS: dict[tuple[str, str], Judge] = {
    ("argoproj.io", "AnalysisRun"): RUN,
    ("argoproj.io", "Experiment"): RUN,
    ("argoproj.io", "Rollout"): ROLLOUT,
    ("cert-manager.io", "Certificate"): ISSUED,
    ("cert-manager.io", "CertificateRequest"): REQUEST,
    ("cert-manager.io", "ClusterIssuer"): READY,
    ("cert-manager.io", "Issuer"): READY,
    ("gateway.networking.k8s.io", "GatewayClass"): ByConditions(ready=("Accepted",), passing=("Pending",)),
}

WILD: dict[str, Judge] = {
    "*.cnrm.cloud.google.com": ByConditions(passing=("Updating", "DependencyNotReady")),
    "*.crossplane.io": PROVIDED,
    "*.services.k8s.aws": ACK,
    "*.upbound.io": PROVIDED,
}
"""By a glob of the group, for all kinds in it that are in no other table."""


@cache
def judge_of(group: str, kind: str) -> Judge | None:
    """How a kind is judged; None for one that is not known."""
    if (found := OTHERS.get((group, kind))) is not None:
        return found
    kinds, judge = KINDS.get(group, ((), READY))
    if kind in kinds:
        return judge
    return next((wild for glob, wild in WILD.items() if fnmatchcase(group, glob)), None)
