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
        both = wishes, self._projects.get(project, namespace).wishes
        configurations = self._configurations.of(namespace)
        found = []
        for configuration in configurations:
            others = [each for each in configurations if each is not configuration]
            destinations = tuple(
                to
                for to in destinations_of(configuration, labels, *both)
                if _serves(configuration, to) or not any(_serves(each, to) for each in others)
            )
            if destinations:
                found.append((configuration, destinations))
        return tuple(found)


def _serves(configuration: Configuration, to: Destination) -> bool:
    """Whether it has what is subscribed to; what another one has need not be missed here."""
    return to.trigger in configuration.triggers and to.service in configuration.services
