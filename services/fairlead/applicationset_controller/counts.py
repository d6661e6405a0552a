"""What this process counts for Prometheus (contract 17): requests to API servers, as every such process."""

from fairlead.kube.counted import requested
from fairlead.metrics import Counter

__all__ = ["WEBHOOKS", "requested"]

WEBHOOKS = Counter(
    "fairlead_appset_webhook_requests", "Webhooks by provider and outcome", ["provider", "outcome"]
)
