"""What is counted of previews."""

from typing import Final

from prometheus_client import Counter, Gauge

PREVIEWS: Final = Counter(
    "fairlead_previews", "Previews of pull requests, by what became of them", ["outcome"]
)
OPEN: Final = Gauge("fairlead_preview_open_requests", "Open pull requests of previewed repositories")
PROBLEMS: Final = Gauge("fairlead_preview_problems", "Parts of the configuration that are not understood")
HOST_FAILURES: Final = Counter("fairlead_preview_host_failures", "Requests to hosts that failed")
