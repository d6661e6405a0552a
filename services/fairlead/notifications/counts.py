"""What this process counts for Prometheus (contract 17)."""

from fairlead.kube.counted import requested
from fairlead.metrics import Counter, Gauge

__all__ = ["DEAD", "DELIVERIES", "EVALUATIONS", "PROBLEMS", "WAITING", "requested"]

DELIVERIES = Counter(
    "argocd_notifications_deliveries", "Attempts to bring a message", ["trigger", "service", "succeeded"]
)
EVALUATIONS = Counter(
    "argocd_notifications_trigger_eval", "Conditions that were judged", ["name", "triggered"]
)
DEAD = Counter("fairlead_notifications_dead_letters", "Messages that were given up", ["service"])
WAITING = Gauge("fairlead_notifications_waiting", "Messages that wait or are under way")
PROBLEMS = Gauge("fairlead_notifications_configuration_problems", "What cannot be read", ["namespace"])
