"""Databases, search engines and caches.

Conditions and phases: cloudnative-pg.io/documentation, postgres-operator.readthedocs.io (Zalando),
github.com/mariadb-operator, docs.percona.com, docs.altinity.com, elastic.co/guide (ECK), rook.io/docs,
docs.k8ssandra.io (Medusa), atlasgo.io/integrations/kubernetes, apache.github.io/solr-operator,
github.com/pravega/zookeeper-operator, library.humio.com.
"""

from __future__ import annotations

from fairlead.health.by_conditions import ByConditions
from fairlead.health.by_count import ByCount
from fairlead.health.by_flag import ByFlag
from fairlead.health.by_word import ByWord
from fairlead.health.custom.shapes import BAD, GOING, HELD, OK, Table
from fairlead.health.judge import By
from fairlead.health.status import Health, degraded, healthy, progressing
from fairlead.manifest.fields import Manifest, integer_at, list_at, mapping_at, text_at

ECK = ByWord(words={"green": OK, "yellow": GOING, "red": BAD}, path=("status", "health"))
SEARCH = ByWord(
    words={"Invalid": BAD, "Stalled": BAD, "ApplyingChanges": GOING, "MigratingData": GOING},
    rest=ECK,
    none=ECK,
)
ZALANDO = ByWord(
    words={
        "Running": OK,
        "Creating": GOING,
        "Updating": GOING,
        "CreateFailed": BAD,
        "UpdateFailed": BAD,
        "SyncFailed": BAD,
        "DeleteFailed": BAD,
        "Invalid": BAD,
    },
    path=("status", "PostgresClusterStatus"),
)
CNPG = ByConditions(held=("cnpg.io/hibernation",), on_false=GOING, bare="Waiting for the first instance")
CNPG_CLUSTER = ByWord(
    words={
        "Not enough disk space": BAD,
        "Cluster cannot proceed to reconciliation due to an unknown plugin being required": BAD,
        "Cluster upgrade failed": BAD,
        "Unable to create required cluster objects": BAD,
        "Cluster is unrecoverable and needs manual intervention": BAD,
        "Waiting for user action": HELD,
    },
    message=("status", "phaseReason"),
    rest=CNPG,
    none=CNPG,
)
CNPG_BACKUP = ByWord(
    words={"completed": OK, "failed": BAD, "walArchivingFailing": BAD}, message=("status", "error")
)
APPLIED = ByFlag(flag=("status", "applied"), on_false=BAD)
MARIADB = ByConditions(on_false=GOING, fatal=("Failed", "InvalidSpec"), held_by=(("spec", "suspend"),))
JOB = ByConditions(
    ready=("Complete",),
    on_false=GOING,
    fatal=("JobFailed", "JobSuspended", "Failed"),
    held_by=(("spec", "suspend"),),
)
CONNECTED = ByConditions(passing=("Created", "WaitingForMariaDB"))
PERCONA = ByWord(
    words={
        "ready": OK,
        "error": BAD,
        "paused": HELD,
        "initializing": GOING,
        "stopping": GOING,
        "unknown": GOING,
    },
    path=("status", "state"),
)
ALTINITY = ByWord(
    words={"Completed": OK, "Aborted": BAD, "InProgress": GOING, "Terminating": GOING},
    path=("status", "status"),
    message=("status", "error"),
)
ATLAS = ByConditions(
    passing=("Reconciling", "GettingDevDB", "ApprovalPending", "VerifyingFirstRun", "LintPolicyWait")
)
HUMIO_CLUSTER = ByWord(
    words={"Running": OK, "Restarting": GOING, "Upgrading": GOING, "Pending": GOING, "ConfigError": BAD},
    path=("status", "state"),
)
HUMIO = ByWord(
    words={"Exists": OK, "NotFound": GOING, "Unknown": GOING, "ConfigError": BAD}, path=("status", "state")
)
SOLR = ByCount(counts=(("status", "readyReplicas"), ("status", "upToDateNodes")))
ZOOKEEPER = ByConditions(ready=("PodsReady",), failed=("Error",), working=("Upgrading",), on_false=GOING)


def racked(obj: Manifest) -> Health:
    """Cassandra of Rook: every member of every rack is to be ready."""
    racks = mapping_at(obj, "status", "racks")
    if not racks:
        return progressing("Waiting for the first rack")
    for name, rack in racks.items():
        members, ready = integer_at(rack, "members"), integer_at(rack, "readyMembers")
        if ready < members or not members:
            return progressing(f"{ready} of {members} members of rack {name} are ready")
    return healthy()


def ended(obj: Manifest) -> Health:
    """A job of Medusa: it ends, with the nodes it failed on."""
    failed = [text_at(item, "podName") or str(item) for item in list_at(obj, "status", "failed")]
    if failed:
        return degraded(f"It failed on {', '.join(failed[:5])}")
    return healthy() if text_at(obj, "status", "finishTime") else progressing("Waiting for it to end")


TABLE: Table = {
    "acid.zalan.do": {"postgresql": ZALANDO},
    "beat.k8s.elastic.co": {"Beat": ECK},
    "cassandra.rook.io": {"Cluster": By(racked)},
    "clickhouse-keeper.altinity.com": {"ClickHouseKeeperInstallation": ALTINITY},
    "clickhouse.altinity.com": {"ClickHouseInstallation": ALTINITY},
    "core.humio.com": {
        "HumioCluster": HUMIO_CLUSTER,
        "HumioAction HumioAlert HumioIngestToken HumioParser HumioRepository HumioView": HUMIO,
    },
    "db.atlasgo.io": {"AtlasMigration AtlasSchema": ATLAS},
    "elasticsearch.k8s.elastic.co": {"Elasticsearch": SEARCH},
    "k8s.mariadb.com": {"MariaDB": MARIADB, "Backup SqlJob": JOB, "Database Grant User": CONNECTED},
    "logstash.k8s.elastic.co": {"Logstash": ECK},
    "mariadb.mmontes.io": {"MariaDB": MARIADB},
    "medusa.k8ssandra.io": {"MedusaBackupJob MedusaTask": By(ended)},
    "postgresql.cnpg.io": {"Backup": CNPG_BACKUP, "Cluster": CNPG_CLUSTER, "Database": APPLIED},
    "psmdb.percona.com": {"PerconaServerMongoDB": PERCONA},
    "pxc.percona.com": {"PerconaXtraDBCluster": PERCONA},
    "solr.apache.org": {"SolrCloud": SOLR},
    "zookeeper.pravega.io": {"ZookeeperCluster": ZOOKEEPER},
}
