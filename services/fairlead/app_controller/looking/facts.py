"""What one look at an application found out, before anything is concluded from it.

Invariant: a fact is gathered once a look and does not change during it; what others may change meanwhile (the
Application) is read where it is written.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import msgspec

from fairlead.app_controller.comparing.desired import DesiredState
from fairlead.app_controller.comparing.item import Remark, Subject
from fairlead.app_controller.destination.clusters import Cluster
from fairlead.app_controller.rendering.render import Render


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """All that a comparison and an operation need.

    `problem` says why the newest render cannot be used; `desired` is then the last one that was, and
    `is_known` whether there was any. `beside` is to be said of what is not the application's own.
    """

    subject: Subject
    render: Render
    desired: DesiredState
    problem: str = ""
    is_known: bool = True
    beside: tuple[Remark, ...] = ()

    @property
    def is_firm(self) -> bool:
        """Whether an operation may stand on them: nothing is only remembered from a process before this."""
        return self.desired.opened is not None and not self.render.is_remembered

    @property
    def cluster(self) -> Cluster:
        """The destination."""
        return self.subject.cluster


class Waiting(NamedTuple):
    """Nothing can be said yet; look again after so many seconds, None for when something happens.

    `says` is what a requested operation says meanwhile, "" for what it said; `is_skipped` whether somebody
    wants nothing to be said.
    """

    seconds: float | None
    says: str = ""
    is_skipped: bool = False


class Unreadable(NamedTuple):
    """The Application says what nobody understands, in these words; nothing it said before is acted upon."""

    problem: str


class Abandoned(NamedTuple):
    """The end is asked for of an operation whose manifests do not come; `reason` says so."""

    cluster: Cluster
    reason: str


class Refused(NamedTuple):
    """The spec, project or destination cannot be used."""

    remarks: list[Remark]


class Unread(NamedTuple):
    """The cluster cannot be read, for so many seconds already."""

    remark: Remark
    lasted: float


class Leaving(NamedTuple):
    """The application is being deleted; `problem` says why its hooks cannot be rendered."""

    desired: DesiredState | None
    problem: str


NoFacts: TypeAlias = Waiting | Unreadable | Refused | Unread | Leaving | Abandoned
Found: TypeAlias = Facts | NoFacts
