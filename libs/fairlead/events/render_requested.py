"""An application wants its manifests: it is new, its spec changed, or somebody asked."""

from enum import IntEnum

from fairlead.events.cause import Cause
from fairlead.events.envelope import Event


class RenderLevel(IntEnum):
    """How much may be remembered; see the refresh levels of the contract (section 6)."""

    CACHED = 1
    RESOLVE = 2
    REFRESH = 3
    HARD = 4


class RenderRequested(Event, frozen=True, kw_only=True):
    """What to render is in the `sources` bucket, at `wanted_revision` of its key or later.

    The answer repeats `question`.
    """

    namespace: str
    name: str
    level: RenderLevel = RenderLevel.RESOLVE
    cause: Cause = Cause.SPEC_CHANGED
    wanted_revision: int = 0
    question: int = 0
