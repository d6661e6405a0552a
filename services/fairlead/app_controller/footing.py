"""What every part of the app-controller stands on: its parameters, its connections, and what all share.

Invariant: nothing here is replaced while the process lives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from fairlead.app_controller.book import Book
from fairlead.app_controller.config import Config
from fairlead.app_controller.drifting.watch import Drifting
from fairlead.app_controller.reporting.tell import Teller
from fairlead.bus import Bus
from fairlead.cache import Cache
from fairlead.kube.rest import KubeClient
from fairlead.model.application import AppId
from fairlead.process.membership import Membership
from fairlead.process.work_queue import WorkQueue
from fairlead.settings import ControllerParameters, ControllerSettings


class Footing(NamedTuple):
    """`client` is the control plane's; `settings` are as they are at the moment of the call."""

    config: Config
    parameters: ControllerParameters
    client: KubeClient
    bus: Bus
    cache: Cache
    book: Book
    queue: WorkQueue[AppId]
    membership: Membership
    teller: Teller
    drifting: Drifting
    settings: Callable[[], ControllerSettings]
