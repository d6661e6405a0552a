"""Metrics, traces and dashboards.

Conditions: prometheus-operator.dev/docs/api-reference, grafana.github.io/grafana-operator, opentelemetry.io,
jaegertracing.io (operator), docs.victoriametrics.com/operator, kiali.io, docs.datadoghq.com,
coralogix.com/docs, keptn.sh/docs.
"""

from __future__ import annotations

from fairlead.health.by_conditions import ByConditions
from fairlead.health.by_word import ByWord
from fairlead.health.conditions import conditions_of
from fairlead.health.custom.shapes import AVAILABLE, BAD, GOING, HELD, KSTATUS_IF_ANY, ODD, OK, Table
from fairlead.health.judge import UNSEEN, By, is_outdated
from fairlead.health.status import Health, degraded, healthy, progressing
from fairlead.manifest.fields import Manifest, flag_at, integer_at, text_at

PROMETHEUS = AVAILABLE._replace(
    demanded=("Reconciled",),
    passing=("SomePodsNotReady", "NoPodReady", "Pending"),
    held_by=(("spec", "paused"),),
)
GRAFANA = ByWord(
    words={"failed": BAD},
    path=("status", "stageStatus"),
    message=("status", "lastMessage"),
    rest=ByWord(words={"complete": OK}, path=("status", "stage"), message=("status", "lastMessage")),
    none=ByConditions(ready=("GrafanaReady",), on_false=GOING),
)
TROUBLES = ("NoMatchingInstance", "InvalidSpec", "NoMatchingFolder")
VICTORIA = ByWord(
    words={"operational": OK, "expanding": GOING, "failed": BAD, "paused": HELD},
    path=("status", "updateStatus"),
    message=("status", "reason"),
    none=KSTATUS_IF_ANY,
)
KIALI = ByConditions(
    ready=("Successful",), failed=("Failure",), on_false=GOING, bare="Waiting for the operator's first run"
)
METRIC = ByConditions(ready=("Valid",), failed=("Error",), on_false=BAD)
SENT = ByConditions(ready=("RemoteSynced",))
JAEGER = ByWord(words={"Running": OK, "Failed": BAD})
KEPTN_WORDS = {
    "Succeeded": OK,
    "Failed": BAD,
    "Warning": BAD,
    "Deprecated": OK,
    "Progressing": GOING,
    "Pending": GOING,
    "Unknown": ODD,
}
KEPTN = ByWord(words=KEPTN_WORDS, path=("status", "status"))
KEPTN_EVALUATION = ByWord(words=KEPTN_WORDS, path=("status", "overallStatus"))


def synchronised(obj: Manifest) -> Health:
    """A dashboard, datasource or folder of Grafana: its one condition ends in `Synchronized`."""
    if flag_at(obj, "spec", "suspend"):
        return Health(HELD, "Reconciling is suspended")
    if is_outdated(obj):
        return progressing(UNSEEN)
    done: Health | None = None
    for condition in conditions_of(obj):
        kind, status = text_at(condition, "type"), condition.get("status")
        words = text_at(condition, "message") or text_at(condition, "reason")
        if kind in TROUBLES and status == "True":
            return degraded(words)
        if kind.endswith("Synchronized"):
            done = healthy(words) if status == "True" else degraded(words)
    return done or progressing("Waiting to be synchronized")


def analysed(obj: Manifest) -> Health:
    """Analysis of Keptn: once it is completed, whether it passed."""
    if text_at(obj, "status", "state") != "Completed":
        return progressing(text_at(obj, "status", "state"))
    if flag_at(obj, "status", "pass"):
        return healthy("It passed with warnings" if flag_at(obj, "status", "warning") else "")
    return degraded("The analysis did not pass")


def measured(obj: Manifest) -> Health:
    """KeptnMetric: an error of its provider, or the value it gave."""
    if problem := text_at(obj, "status", "errMsg"):
        return degraded(problem)
    return healthy() if text_at(obj, "status", "value") else progressing("Waiting for the first value")


def collected(obj: Manifest) -> Health:
    """OpenTelemetryCollector: the replicas its workload has ready, told as `ready/wanted`."""
    if is_outdated(obj):
        return progressing(UNSEEN)
    if text_at(obj, "spec", "mode") == "sidecar":
        return healthy("Sidecars are injected where pods ask for them")
    ready, slash, wanted = text_at(obj, "status", "scale", "statusReplicas").partition("/")
    if not slash:
        replicas = integer_at(obj, "status", "scale", "replicas", default=-1)
        return healthy() if replicas >= 0 else progressing("Waiting for the first status")
    if ready == wanted:
        return healthy()
    return progressing(f"{ready} of {wanted} replicas are ready")


TABLE: Table = {
    "coralogix.com": {"Alert RecordingRuleGroupSet": SENT},
    "datadoghq.com": {"DatadogMetric": METRIC},
    "grafana-org-operator.kubitus-project.gitlab.io": {"*": KSTATUS_IF_ANY},
    "grafana.integreatly.org": {
        "Grafana": GRAFANA,
        "GrafanaDashboard GrafanaDatasource GrafanaFolder": By(synchronised),
    },
    "jaegertracing.io": {"Jaeger": JAEGER},
    "kiali.io": {"Kiali": KIALI},
    "lifecycle.keptn.sh": {
        "KeptnAppVersion KeptnTask KeptnWorkloadInstance KeptnWorkloadVersion": KEPTN,
        "KeptnEvaluation": KEPTN_EVALUATION,
    },
    "metrics.keptn.sh": {"Analysis": By(analysed), "KeptnMetric": By(measured)},
    "monitoring.coreos.com": {"Alertmanager Prometheus PrometheusAgent ThanosRuler": PROMETHEUS},
    "opentelemetry.io": {"OpenTelemetryCollector": By(collected)},
    "operator.victoriametrics.com": {"*": VICTORIA},
}
