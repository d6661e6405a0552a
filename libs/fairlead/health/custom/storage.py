"""Volumes, snapshots, backups and object stores.

Conditions and phases: rook.io/docs, kubernetes-csi.github.io/docs (snapshots), velero.io/docs/main/api-types,
min.io/docs (operator), docs.netapp.com (Trident, Trident protect), kubevirt.io (containerized data importer),
github.com/kube-object-storage, docs.openshift.com (OpenShift Data Foundation).
"""

from __future__ import annotations

from fairlead.health.by_flag import ByFlag
from fairlead.health.by_word import ByWord
from fairlead.health.custom.shapes import BAD, GOING, HELD, KSTATUS, OK, OPERATOR, Table

CEPH = ByWord(
    words={"HEALTH_OK": OK, "HEALTH_WARN": BAD, "HEALTH_ERR": BAD},
    path=("status", "ceph", "health"),
    none=ByWord(words={"Ready": GOING, "Failure": BAD, "Error": BAD}),
)
CEPH_STORE = ByWord(words={"Ready": OK, "Connected": OK, "Failure": BAD, "Progressing": GOING})
SNAPSHOT = ByFlag(flag=("status", "readyToUse"), error=("status", "error", "message"))
VELERO = ByWord(
    words={
        "Completed": OK,
        "Enabled": OK,
        "Failed": BAD,
        "FailedValidation": BAD,
        "PartiallyFailed": BAD,
        "FinalizingPartiallyFailed": BAD,
        "WaitingForPluginOperationsPartiallyFailed": BAD,
    },
    message=("status", "failureReason"),
)
SCHEDULE = VELERO._replace(held_by=(("spec", "paused"),))
MINIO_TENANT = ByWord(
    words={"Initialized": OK, "Stopped": HELD},
    path=("status", "currentState"),
    rest=ByWord(words={"red": BAD}, path=("status", "healthStatus"), message=("status", "currentState")),
)
DATA = ByWord(
    words={
        "Succeeded": OK,
        "Failed": BAD,
        "Paused": HELD,
        "WaitForFirstConsumer": OK,
        "PendingPopulation": GOING,
    }
)
PROTECTED = ByWord(
    words={
        "Available": OK,
        "Ready": OK,
        "Completed": OK,
        "Error": BAD,
        "Failed": BAD,
        "Removed": BAD,
        "Blocked": BAD,
    },
    path=("status", "state"),
    message=("status", "error"),
    none=KSTATUS,
)
BACKEND = ByWord(
    words={"Bound": OK, "Unbound": BAD, "Lost": BAD, "Failed": BAD, "Deleting": GOING, "Unknown": GOING},
    none=ByWord(words={"Failed": BAD}, path=("status", "lastOperationStatus")),
)
ORCHESTRATOR = ByWord(
    words={
        "Installed": OK,
        "Failed": BAD,
        "Error": BAD,
        "Installing": GOING,
        "Updating": GOING,
        "Uninstalled": GOING,
    },
    path=("status", "status"),
)
CLAIM = ByWord(words={"Bound": OK, "Pending": GOING, "Released": BAD, "Failed": BAD, "bound": OK})
STORAGE_CLUSTER = ByWord(
    words={"Ready": OK, "Error": BAD, "Progressing": GOING},
    rest=OPERATOR,
)

TABLE: Table = {
    "astra.netapp.io": {
        "AppVault Application ExecHook ExecHooksRun Schedule": PROTECTED,
        "Backup ResourceBackup ResticVolumeBackup Snapshot": PROTECTED,
    },
    "cdi.kubevirt.io": {"DataVolume": DATA},
    "ceph.rook.io": {"CephCluster": CEPH, "CephBlockPool CephFilesystem CephObjectStore": CEPH_STORE},
    "minio.min.io": {"Tenant": MINIO_TENANT},
    "objectbucket.io": {"ObjectBucketClaim": CLAIM},
    "ocs.openshift.io": {"StorageCluster": STORAGE_CLUSTER},
    "snapshot.storage.k8s.io": {"VolumeSnapshot VolumeSnapshotContent": SNAPSHOT},
    "trident.netapp.io": {"TridentBackendConfig": BACKEND, "TridentOrchestrator": ORCHESTRATOR},
    "velero.io": {"Backup Restore": VELERO, "Schedule": SCHEDULE},
}
