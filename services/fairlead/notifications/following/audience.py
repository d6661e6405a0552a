"""Who hears of an application: by its own annotations, its project's, and what is subscribed for all."""

from __future__ import annotations

from fairlead.notices.configuration import Configuration
from fairlead.notices.judging.subscriptions import Destination, Wishes, destinations_of
from fairlead.notifications.following.configurations import Configurations
from fairlead.notifications.following.projects import Projects

ToldBy = tuple[Configuration, tuple[Destination, ...]]
"""A configuration, and whom it tells."""


class Audience:
    """By the configurations and projects as they are now."""

    def __init__(self, configurations: Configurations, projects: Projects) -> None:
        self._configurations = configurations
        self._projects = projects

    def of(self, namespace: str, labels: dict[str, str], project: str, wishes: Wishes) -> tuple[ToldBy, ...]:
        """Who hears of an application, by configuration."""
        both = wishes, self._projects.get(project).wishes
        found = []
        for configuration in self._configurations.of(namespace):
            destinations = destinations_of(configuration, labels, *both)
            if destinations:
                found.append((configuration, destinations))
        return tuple(found)
