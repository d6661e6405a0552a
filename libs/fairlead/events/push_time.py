"""When somebody told of the push that is being looked at.

It lives in a context variable beside the trace, so that whoever tells of the commit can say it.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_CURRENT: ContextVar[str] = ContextVar("fairlead_pushed_at", default="")


def now() -> str:
    """This moment, as public events write it."""
    moment = datetime.fromtimestamp(time.time(), UTC)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def current() -> str:
    """The time of the push that is being followed; "" when nobody told of one."""
    return _CURRENT.get()


@contextmanager
def following(at: str) -> Iterator[None]:
    """Follow a push that was told of at a time, within the block."""
    token = _CURRENT.set(at)
    try:
        yield
    finally:
        _CURRENT.reset(token)
