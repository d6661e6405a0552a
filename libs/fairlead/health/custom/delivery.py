"""Continuous delivery and builds: Argo, Flux, Flagger, Tekton, the promoter, Pulumi, Ansible, Open Cluster.

Conditions: argo-rollouts.readthedocs.io, argoproj.github.io/argo-events, fluxcd.io/flux/components,
docs.flagger.app, tekton.dev/docs, argo-gitops-promoter.readthedocs.io, pulumi.com/docs (Kubernetes operator),
ansible.com (resource operator), olm.operatorframework.io.
"""

from __future__ import annotations

from fairlead.health.by_conditions import ByConditions
from fairlead.health.by_word import ByWord
from fairlead.health.conditions import condition_of, is_true
from fairlead.health.custom.shapes import BAD, GOING, HELD, ODD, OK, READY, Table
from fairlead.health.judge import By, is_outdated
from fairlead.health.status import Health, degraded, healthy, progressing
from fairlead.manifest.fields import Manifest, text_at

SUSPEND = (("spec", "suspend"),)
FLUX = ByConditions(
    held_by=SUSPEND,
    working=("Reconciling",),
    failed=("Stalled",),
    passing=("Progressing", "ProgressingWithRetry", "DependencyNotReady"),
)
RUN = ByWord(words={"Successful": OK, "Failed": BAD, "Error": BAD, "Inconclusive": ODD})
ROLLED_OUT = ByWord(words={"Healthy": OK, "Degraded": BAD, "Paused": HELD})
SCHEDULED = ByConditions(ready=(), failed=("SubmissionError", "SpecError"), held_by=SUSPEND)
GENERATED = ByConditions(
    ready=("ParametersGenerated", "ResourcesUpToDate"),
    failed=("ErrorOccurred",),
    working=("RolloutProgressing",),
)
DEPLOYED = ByConditions(ready=("Deployed",), demanded=("Configured",))
SUCCEEDED = ByConditions(ready=("Succeeded",), passing=("Running", "Started", "Pending"))
CANARY = ByWord(
    words={
        "Initialized": OK,
        "Succeeded": OK,
        "Failed": BAD,
        "Waiting": HELD,
        "WaitingPromotion": HELD,
        "Initializing": GOING,
        "Terminated": BAD,
    },
    rest=ByConditions(ready=("Promoted",), on_false=GOING),
)
STACK = ByConditions(
    working=("Reconciling",),
    failed=("Stalled",),
    passing=("Progressing",),
    bare="Waiting for the first update",
)
STACK_OF_OLD = ByWord(
    words={"succeeded": OK, "failed": BAD},
    path=("status", "lastUpdate", "state"),
    message=("status", "lastUpdate", "message"),
    none=STACK,
    rest=STACK,
)
PLAYED = ByWord(
    words={"successful": OK, "failed": BAD, "error": BAD, "canceled": BAD},
    path=("status", "ansibleJobResult", "status"),
    message=("status", "message"),
)
TROUBLES = ("InstallPlanFailed", "ResolutionFailed", "CatalogSourcesUnhealthy", "BundleUnpackFailed")


def subscribed(obj: Manifest) -> Health:
    """Subscription of the Operator Lifecycle Manager: its troubles are conditions, its progress a word."""
    for name in TROUBLES:
        if is_true(found := condition_of(obj, name)):
            return degraded(text_at(found, "message") or text_at(found, "reason"))
    state = text_at(obj, "status", "state")
    if is_true(pending := condition_of(obj, "InstallPlanPending")):
        waits = text_at(pending, "reason") == "RequiresApproval"
        return Health(HELD if waits else GOING, text_at(pending, "message") or text_at(pending, "reason"))
    if state in ("AtLatestKnown", "UpgradeAvailable"):
        return healthy(state)
    return degraded(state) if state == "UpgradeFailed" else progressing(state)


def merged(obj: Manifest) -> Health | None:
    """PullRequest of the promoter: its Ready, and when that says nothing the state of the request."""
    state = text_at(obj, "status", "state")
    if state in ("merged", "closed") and not is_outdated(obj) and condition_of(obj, "Ready") is None:
        return healthy(state)
    return READY.assess(obj)


TABLE: Table = {
    "argoproj.io": {
        "AnalysisRun Experiment": RUN,
        "ApplicationSet": GENERATED,
        "CronWorkflow": SCHEDULED,
        "EventBus EventSource Sensor": DEPLOYED,
        "Rollout": ROLLED_OUT,
    },
    "flagger.app": {"Canary": CANARY},
    "helm.toolkit.fluxcd.io": {"HelmRelease": FLUX},
    "image.toolkit.fluxcd.io": {"ImagePolicy ImageRepository ImageUpdateAutomation": FLUX},
    "kustomize.toolkit.fluxcd.io": {"Kustomization": FLUX},
    "notification.toolkit.fluxcd.io": {"Receiver": FLUX},
    "operators.coreos.com": {"Subscription": By(subscribed)},
    "promoter.argoproj.io": {
        "ArgoCDCommitStatus ChangeTransferPolicy ClusterScmProvider CommitStatus GitCommitStatus "
        "GitRepository PromotionStrategy ScmProvider TimedCommitStatus WebRequestCommitStatus": READY,
        "PullRequest": By(merged),
    },
    "pulumi.com": {"Stack": STACK_OF_OLD},
    "source.toolkit.fluxcd.io": {"Bucket GitRepository HelmChart HelmRepository OCIRepository": FLUX},
    "tekton.dev": {"PipelineRun TaskRun": SUCCEEDED},
    "tower.ansible.com": {"AnsibleJob": PLAYED},
}
