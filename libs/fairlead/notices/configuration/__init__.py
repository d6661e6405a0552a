"""What argocd-notifications-cm and -secret say: one immutable `Configuration`, and words on what is wrong."""

from fairlead.notices.configuration.configuration import (
    Condition,
    Configuration,
    Service,
    Subscription,
    Template,
)
from fairlead.notices.configuration.read import read

CONFIG_MAP = "argocd-notifications-cm"
SECRET = "argocd-notifications-secret"  # noqa: S105 - a name

__all__ = [
    "CONFIG_MAP",
    "SECRET",
    "Condition",
    "Configuration",
    "Service",
    "Subscription",
    "Template",
    "read",
]
