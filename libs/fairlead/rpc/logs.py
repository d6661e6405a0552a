"""Logs of an application's pods: opened once, then asked for piece by piece.

Whoever reads asks for the next piece when it has room: a slow reader slows the pods' logs and nothing else.
"""

import msgspec

from fairlead.events.envelope import Event
from fairlead.rpc.controller import ApplicationQuery

OPEN = "open-pod-logs"
NEXT = "next-pod-logs"
CLOSE = "close-pod-logs"
ALL_CONTAINERS = "*"
"""As `container`: all that a pod has. Lines are then told as of `pod/container`."""
WAIT_SECONDS = 10.0
"""How long a controller waits for a line before it answers that there was none."""


class OpenPodLogs(ApplicationQuery, frozen=True, kw_only=True):
    """Which pods: one by name, those below an object, or all of the application; and which of their lines.

    `since_seconds` and `tail_lines` of 0 do not narrow; times are RFC 3339. `max_pods` bounds the pods.
    """

    pod: str = ""
    container: str = ""
    since_seconds: int = 0
    since_time: str = ""
    until_time: str = ""
    tail_lines: int = 0
    follow: bool = False
    previous: bool = False
    filter: str = ""
    match_case: bool = False
    max_pods: int = 10


class OpenedPodLogs(Event, frozen=True, kw_only=True):
    """The logs under a name of their own; "" when the application has no such pods."""

    session: str = ""


class NextPodLogs(Event, frozen=True, kw_only=True):
    """Ask for what came since."""

    namespace: str
    name: str
    session: str


class LogLine(msgspec.Struct, frozen=True, array_like=True):
    """One line. `at` is the text of its time, "" with `pod` "" for what is told in a pod's stead."""

    at: str
    pod: str
    content: str


class LogLines(Event, frozen=True, kw_only=True):
    """Lines by time, none when none came; `is_last` when no more will."""

    lines: tuple[LogLine, ...] = ()
    is_last: bool = False


class Closed(Event, frozen=True, kw_only=True):
    """The logs are not followed any more."""
