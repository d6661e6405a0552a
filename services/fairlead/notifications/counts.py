"""What this process counts for Prometheus (contract 17): requests to API servers, as every such process."""

from fairlead.kube.counted import requested

__all__ = ["requested"]
