"""Who is told of the requests that leave: a process of all of its own, a piece of work of those made for it.

Why a context variable: a request is made many calls below the work it is for, and work makes own tasks.
Invariant: being told costs a look at that variable, and what a listener raises reaches nobody.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

import structlog

log = structlog.get_logger(__name__)

_PATH = re.compile(
    r"/(?:api/[^/]+|apis/[^/]+/[^/]+)(?:/namespaces/(?P<namespace>[^/?]+)(?=/))?/(?P<kind>[^/?]+)"
    r"(?:/(?P<name>[^/?]+))?"
)
_VERBS = {"POST": "Create", "PUT": "Update", "PATCH": "Patch", "DELETE": "Delete"}


class Sent(NamedTuple):
    """One exchange that ended; `status` is 0 when there was no answer. A watch ends when it was opened."""

    server: str
    method: str
    path: str
    status: int
    seconds: float

    @property
    def target(self) -> "Target":
        """What it was about."""
        found = _PATH.match(self.path)
        if found is None:
            return Target("Unknown", "", "", "", is_trial=False)
        verb = _VERBS.get(self.method, "")
        if not verb:
            verb = "Get" if found["name"] else "Watch" if "watch=1" in self.path else "List"
        place = found["namespace"] or "", found["name"] or ""
        return Target(verb, found["kind"], *place, is_trial="dryRun=All" in self.path)


class Target(NamedTuple):
    """The verb, and what it is about as the path says: the kind is in the plural."""

    verb: str
    kind: str
    namespace: str
    name: str
    is_trial: bool


Listener = Callable[[Sent], None]
_LISTENERS: ContextVar[tuple[Listener, ...]] = ContextVar("fairlead_told_of_requests", default=())


@contextmanager
def told(listener: Listener) -> Iterator[None]:
    """The listener hears of requests made within the block, and by tasks that it starts."""
    token = _LISTENERS.set((*_LISTENERS.get(), listener))
    try:
        yield
    finally:
        _LISTENERS.reset(token)


def tell(server: str, method: str, path: str, status: int, seconds: float) -> None:
    """An exchange ended."""
    listeners = _LISTENERS.get()
    if not listeners:
        return
    sent = Sent(server, method, path, status, seconds)
    for listener in listeners:
        try:
            listener(sent)
        except Exception:
            log.exception("kube.listener.failed")
