"""What this process counts for Prometheus (contract 17).

Invariant: names that tenants choose make no more than `MOST_NAMES`; whatever else they say is `others`.
"""

from __future__ import annotations

import contextlib
from typing import Final

from fairlead.kube.counted import requested
from fairlead.metrics import Counter, Gauge

__all__ = [
    "DEAD",
    "DELIVERIES",
    "EVALUATIONS",
    "NAMES",
    "PROBLEMS",
    "WAITING",
    "Names",
    "forget",
    "requested",
]

DELIVERIES = Counter(
    "argocd_notifications_deliveries", "Attempts to bring a message", ["trigger", "service", "succeeded"]
)
EVALUATIONS = Counter(
    "argocd_notifications_trigger_eval", "Conditions that were judged", ["name", "triggered"]
)
DEAD = Counter("fairlead_notifications_dead_letters", "Messages that were given up", ["service"])
WAITING = Gauge("fairlead_notifications_waiting", "Messages that wait or are under way")
PROBLEMS = Gauge("fairlead_notifications_configuration_problems", "What cannot be read", ["namespace"])
MOST_NAMES: Final = 200
OTHERS: Final = "others"


class Names:
    """Names of triggers and services, as they are counted."""

    def __init__(self, most: int = MOST_NAMES) -> None:
        self._most = most
        self._of_tenants: set[str] = set()
        self.control = ""

    def of(self, namespace: str, *names: str) -> tuple[str, ...]:
        """Those of a namespace's configuration. The control plane's are the operator's, and all counted."""
        return tuple(name if namespace == self.control else self._counted(name) for name in names)

    def _counted(self, name: str) -> str:
        if name not in self._of_tenants:
            if len(self._of_tenants) >= self._most:
                return OTHERS
            self._of_tenants.add(name)
        return name


NAMES: Final = Names()


def forget(namespace: str) -> None:
    """Its configuration is gone."""
    with contextlib.suppress(KeyError):
        PROBLEMS.remove(namespace)
