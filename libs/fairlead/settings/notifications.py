"""What argocd-cmd-params-cm says to the notifications service; read at its start (contract 11.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from fairlead.settings.injected import laid_over, variables_of
from fairlead.settings.parameters import CONFIG_MAP
from fairlead.settings.reading import Reader

GROUP: Final = "notificationscontroller"
PREFIX: Final = "ARGOCD_NOTIFICATION_CONTROLLER_"
KEYS: Final = ("notificationscontroller.processors.count", "notificationscontroller.selfservice.enabled")
"""Those that mean something here."""
IRREGULAR: Final = {
    "ARGOCD_APPLICATION_NAMESPACES": "application.namespaces",
    f"{PREFIX}SELFSERVICE_ENABLED": f"{GROUP}.selfservice.enabled",
    f"{PREFIX}SELF_SERVICE_NOTIFICATION_ENABLED": f"{GROUP}.selfservice.enabled",
}
VARIABLES: Final = variables_of(KEYS, GROUP, PREFIX, IRREGULAR)


class NotificationsParameters(msgspec.Struct, frozen=True, kw_only=True):
    """`processors` is how many applications are judged at once."""

    processors: int = 1
    self_service: bool = False
    application_namespaces: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def notifications_parameters(
    data: Mapping[str, str], environment: Mapping[str, str]
) -> NotificationsParameters:
    """Read the `data` of argocd-cmd-params-cm under the environment. Never raises; see `problems`."""
    read = Reader(CONFIG_MAP, laid_over(data, environment, VARIABLES))
    return NotificationsParameters(
        processors=max(1, read.integer(f"{GROUP}.processors.count", 1)),
        self_service=read.flag(f"{GROUP}.selfservice.enabled"),
        application_namespaces=read.words("application.namespaces"),
        problems=tuple(read.problems),
    )
