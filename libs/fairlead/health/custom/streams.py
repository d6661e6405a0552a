"""Queues, streams and events: Strimzi, Banzai's Kafka, Confluent, RabbitMQ, Numaflow, Flink, Spark, Knative.

Conditions and phases: strimzi.io/docs, docs.confluent.io/operator, rabbitmq.com/kubernetes/operator,
numaflow.numaproj.io, numaproj.io/numaplane, nightlies.apache.org/flink (Kubernetes operator),
kubeflow.org/docs/components/spark-operator.
"""

from __future__ import annotations

from fairlead.health.by_conditions import ByConditions
from fairlead.health.by_word import ByWord
from fairlead.health.custom.shapes import BAD, GOING, HELD, OK, READY, Table
from fairlead.health.judge import UNSEEN, By, is_outdated
from fairlead.health.status import Health, degraded, progressing
from fairlead.manifest.fields import Manifest, text_at

STRIMZI = ByConditions(
    held=("ReconciliationPaused",),
    failed=("NotReady",),
    passing=("Creating",),
    bare="Waiting for the operator",
)
KAFKA_OF_BANZAI = ByWord(
    words={"ClusterRunning": OK, "ClusterReconciling": GOING, "ClusterRollingUpgrading": GOING},
    path=("status", "state"),
)
CONFLUENT = ByWord(
    words={"RUNNING": OK, "PROVISIONING": GOING, "DELETING": GOING, "ERROR": BAD, "FAILED": BAD}
)
CONNECTOR = ByWord(
    words={"RUNNING": OK, "FAILED": BAD, "PAUSED": HELD, "UNASSIGNED": GOING},
    path=("status", "connectorState"),
    message=("status", "trace"),
    none=ByWord(words={"CREATED": GOING, "ERROR": BAD}, path=("status", "state")),
)
RABBITMQ = ByConditions(
    ready=("ReconcileSuccess", "AllReplicasReady", "ClusterAvailable"),
    on_false=GOING,
    fatal=("Error", "FailedReconcilePVC"),
)
NUMAFLOW = ByWord(
    words={"Running": OK, "Succeeded": OK, "Failed": BAD, "Paused": HELD, "Pausing": GOING, "Deleting": GOING}
)
VERTEX = NUMAFLOW._replace(words={"Running": OK, "Succeeded": OK, "Failed": BAD, "Paused": HELD})
ROLLED = ByConditions(
    ready=("ChildResourcesHealthy",),
    demanded=("ChildResourcesDeployed", "ProgressiveUpgradeSucceeded"),
    passing=("Progressing", "PipelineProgressing", "MonoVertexProgressing", "ISBSvcProgressing", "Deploying"),
    bare="Waiting for what it rolls out",
)
NUMAPLANE = ByWord(words={"Failed": BAD, "Pending": GOING}, rest=ROLLED)
FLINK_LIFE = {
    "STABLE": OK,
    "DEPLOYED": GOING,
    "CREATED": GOING,
    "UPGRADING": GOING,
    "ROLLING_BACK": GOING,
    "ROLLED_BACK": BAD,
    "FAILED": BAD,
    "SUSPENDED": HELD,
}
FLINK_JOB = {"RUNNING": OK, "FINISHED": OK, "FAILED": BAD, "FAILING": BAD, "SUSPENDED": HELD, "CANCELED": BAD}
FLINK = ByWord(
    words=FLINK_LIFE,
    path=("status", "lifecycleState"),
    message=("status", "error"),
    none=ByWord(words=FLINK_JOB, path=("status", "jobStatus", "state"), message=("status", "error")),
)
SPARK = ByWord(
    words={
        "RUNNING": OK,
        "COMPLETED": OK,
        "SUBMITTED": GOING,
        "PENDING_RERUN": GOING,
        "SUCCEEDING": GOING,
        "FAILING": BAD,
        "FAILED": BAD,
        "SUBMISSION_FAILED": BAD,
        "SUSPENDING": HELD,
        "SUSPENDED": HELD,
    },
    path=("status", "applicationState", "state"),
    message=("status", "applicationState", "errorMessage"),
    held_by=(("spec", "suspend"),),
)


def deployed(obj: Manifest) -> Health | None:
    """FlinkDeployment: its job manager may fail before the job has any state."""
    if is_outdated(obj):
        return progressing(UNSEEN)
    manager = text_at(obj, "status", "jobManagerDeploymentStatus")
    if manager == "ERROR":
        return degraded(text_at(obj, "status", "error") or "The job manager cannot be deployed")
    stable = text_at(obj, "status", "lifecycleState") in ("STABLE", "DEPLOYED")
    if manager and manager != "READY" and stable:
        return progressing(f"The job manager is {manager}")
    return FLINK.assess(obj)


TABLE: Table = {
    "flink.apache.org": {"FlinkDeployment": By(deployed), "FlinkSessionJob": FLINK},
    "kafka.banzaicloud.io": {"KafkaCluster": KAFKA_OF_BANZAI},
    "kafka.strimzi.io": {"Kafka KafkaBridge KafkaConnect KafkaConnector KafkaTopic KafkaUser": STRIMZI},
    "numaflow.numaproj.io": {"InterStepBufferService MonoVertex Pipeline": NUMAFLOW, "Vertex": VERTEX},
    "numaplane.numaproj.io": {
        "ISBServiceRollout MonoVertexRollout NumaflowControllerRollout PipelineRollout": NUMAPLANE,
    },
    "platform.confluent.io": {
        "Connect ControlCenter Kafka KsqlDB SchemaRegistry Zookeeper": CONFLUENT,
        "Connector": CONNECTOR,
    },
    "rabbitmq.com": {
        "RabbitmqCluster": RABBITMQ,
        "Binding Exchange Permission Policy Queue Shovel User Vhost": READY,
    },
    "sparkoperator.k8s.io": {"SparkApplication": SPARK},
}
