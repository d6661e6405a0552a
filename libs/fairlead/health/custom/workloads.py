"""Workloads and autoscaling: Kruise, Knative, KServe, KubeVirt, KEDA, OpenShift, Camel, SpinKube.

Conditions and phases: openkruise.io/docs, knative.dev/docs, kserve.github.io, kubevirt.io/user-guide,
keda.sh/docs, docs.openshift.com (apps API), camel.apache.org/camel-k, spinkube.dev, docs.openfaas.com.
"""

from __future__ import annotations

from fairlead.health.by_conditions import ByConditions
from fairlead.health.by_count import ByCount
from fairlead.health.by_word import ByWord
from fairlead.health.conditions import conditions_of
from fairlead.health.custom.shapes import BAD, GOING, HELD, KSTATUS, OK, READY, Table
from fairlead.health.judge import UNSEEN, By, is_outdated
from fairlead.health.status import Health, degraded, healthy, progressing, suspended
from fairlead.manifest.fields import Manifest, flag_at, text_at

PAUSED = (("spec", "paused"),)
CLONES = ByCount(
    counts=(("status", "updatedReadyReplicas"), ("status", "availableReplicas")),
    failed=("FailedScale", "FailedUpdate"),
    held_by=(("spec", "updateStrategy", "paused"),),
)
DAEMONS = ByCount(
    wanted=("status", "desiredNumberScheduled"),
    unset=0,
    counts=(("status", "updatedNumberScheduled"), ("status", "numberAvailable")),
    held_by=(("spec", "updateStrategy", "rollingUpdate", "paused"),),
)
STATEFUL = ByCount(
    counts=(("status", "updatedReplicas"), ("status", "readyReplicas")),
    failed=("FailedCreatePod", "FailedUpdatePod"),
    held_by=(("spec", "updateStrategy", "rollingUpdate", "paused"),),
)
BROADCAST = ByWord(words={"completed": OK, "running": OK, "failed": BAD, "paused": HELD}, held_by=PAUSED)
SERVERS = ByCount(counts=(("status", "updatedReadyReplicas"), ("status", "readyReplicas")))
SERVER = ByWord(
    words={
        "Ready": OK,
        "Crash": BAD,
        "Deleting": GOING,
        "Creating": GOING,
        "Updating": GOING,
        "NotReady": GOING,
    },
    path=("status", "currentState"),
)
SCALED = ByConditions(held=("Paused",))
SERVED = ByConditions(held=("Stopped",))
KNATIVE = ByConditions(passing=("NotReady", "Deploying", "Uninitialized"))
MACHINE = ByWord(
    words={
        "Running": OK,
        "Stopped": HELD,
        "Paused": HELD,
        "CrashLoopBackOff": BAD,
        "ErrorUnschedulable": BAD,
        "ErrImagePull": BAD,
        "ImagePullBackOff": BAD,
        "ErrorPvcNotFound": BAD,
        "ErrorDataVolumeNotFound": BAD,
        "DataVolumeError": BAD,
    },
    path=("status", "printableStatus"),
)
INSTANCE = ByConditions(held=("Paused",), on_false=GOING)
INSTANCE_PHASES = ByWord(
    words={"Succeeded": OK, "Failed": BAD, "Pending": GOING, "Scheduling": GOING, "Scheduled": GOING},
    rest=INSTANCE,
)
INTEGRATION = ByWord(words={"Running": OK, "Error": BAD, "Deploying": GOING, "Building Kit": GOING})
SPIN = ByConditions(ready=("Available",), on_false=GOING, fatal=("ExecutorError", "Error"))


def rolled(obj: Manifest) -> Health:
    """DeploymentConfig: whether the newest deployment came to its end, and its pods are available."""
    if flag_at(obj, "spec", "paused"):
        return suspended("The deployment is paused")
    if is_outdated(obj):
        return progressing(UNSEEN)
    return ByConditions(
        ready=("Progressing", "Available"),
        failed=("ReplicaFailure",),
        on_false=GOING,
        fatal=("ProgressDeadlineExceeded",),
    ).assess(_finished(obj))


def _finished(obj: Manifest) -> Manifest:
    """With Progressing unknown until its reason says that the newest pods are there."""
    conditions = [
        {**item, "status": "Unknown"}
        if item.get("type") == "Progressing"
        and item.get("status") == "True"
        and item.get("reason") != "NewReplicationControllerAvailable"
        else item
        for item in conditions_of(obj)
    ]
    return {**obj, "status": {"conditions": conditions}}


def released(obj: Manifest) -> Health:
    """Rollout of Kruise: a phase, and while it goes on the step that it may be paused at."""
    if is_outdated(obj):
        return progressing(UNSEEN)
    message = text_at(obj, "status", "message")
    match text_at(obj, "status", "phase"):
        case "Healthy":
            return healthy(message)
        case "Disabled" | "Disabling":
            return suspended(message or "The rollout is disabled")
        case "Progressing":
            for strategy in ("canaryStatus", "blueGreenStatus"):
                if text_at(obj, "status", strategy, "currentStepState") == "StepPaused":
                    return suspended(message or "The rollout waits at a step")
            return progressing(message)
        case phase:
            return progressing(message or phase)


def inferred(obj: Manifest) -> Health:
    """InferenceService of KServe: a model that can never be loaded is a failure, whatever Ready says."""
    word = text_at(obj, "status", "modelStatus", "transitionStatus")
    if word in ("BlockedByFailedLoad", "InvalidSpec"):
        return degraded(text_at(obj, "status", "modelStatus", "lastFailureInfo", "message") or word)
    return SERVED._replace(on_false=GOING).assess(obj)


def timed(obj: Manifest) -> Health:
    """AdvancedCronJob of Kruise: what it starts is judged by itself."""
    if flag_at(obj, "spec", "paused"):
        return suspended("The schedule is paused")
    if not text_at(obj, "status", "type"):
        return progressing("Waiting for the controller")
    return healthy()


TABLE: Table = {
    "apps.kruise.io": {
        "AdvancedCronJob": By(timed),
        "BroadcastJob": BROADCAST,
        "CloneSet": CLONES,
        "DaemonSet": DAEMONS,
        "StatefulSet": STATEFUL,
    },
    "apps.openshift.io": {"DeploymentConfig": By(rolled)},
    "camel.apache.org": {"Integration": INTEGRATION},
    "core.spinkube.dev": {"SpinApp": SPIN},
    "game.kruise.io": {"GameServer": SERVER, "GameServerSet": SERVERS},
    "keda.sh": {"ScaledJob ScaledObject": SCALED},
    "kubevirt.io": {"VirtualMachine": MACHINE, "VirtualMachineInstance": INSTANCE_PHASES},
    "openfaas.com": {"Function": KSTATUS},
    "operator.knative.dev": {"KnativeEventing KnativeServing": KNATIVE},
    "rollouts.kruise.io": {"Rollout": By(released)},
    "serving.knative.dev": {"Configuration Revision Route Service": READY},
    "serving.kserve.io": {
        "InferenceService": By(inferred),
        "LLMInferenceService": SERVED._replace(demanded=("PresetsCombined",), on_false=GOING),
    },
}
