"""Who may write at this moment, asked at the last moment: when a request is about to leave on its connection.

Invariant: a request under a fence is sent only if the fence was open after its connection was made; whatever
was waited for before, a place, a token, a retry, a stopped process, does not count. A process that observes
sends what reads, asks or tries, to whatever cluster, and nothing else; it cannot begin to do otherwise.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from fairlead.kube.errors import KubeError


class WriteFencedError(KubeError):
    """Another replica may own what is written to; nothing was sent."""


class ObservedError(WriteFencedError):
    """This process only observes; nothing was sent."""


class Fence(Protocol):
    """Tells whether this process may write at this moment."""

    def __call__(self) -> bool: ...


_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_ENTERING = re.compile(r"/pods/[^/]+/(?:exec|attach|portforward)$")
"""What a GET may do all the same: run something in a pod."""
_ASKING = re.compile(
    r"/apis/(?:authorization|authentication)\.k8s\.io/[^/]+/(?:namespaces/[^/]+/)?"
    r"(?:self|local)?subject(?:access|rules)?reviews$"
)
"""Questions that are asked by a POST and leave nothing behind: what one may do, and who one is."""
_TRIED = re.compile(r"(?:^|&)dryRun=All(?:&|$)")


class _Process:
    observes = False


_SENDING: ContextVar[Fence | None] = ContextVar("fairlead_fence_of_request", default=None)
_HELD: ContextVar[Fence | None] = ContextVar("fairlead_fence_of_work", default=None)


@contextmanager
def fenced(fence: Fence) -> Iterator[None]:
    """Requests sent within the block leave only while the fence is open; else they raise WriteFencedError."""
    token = _SENDING.set(fence)
    try:
        yield
    finally:
        _SENDING.reset(token)


def observe() -> None:
    """From now on this process writes to no cluster."""
    _Process.observes = True


def observes() -> bool:
    """Whether this process only observes."""
    return _Process.observes


def changes(method: str, path: str) -> bool:
    """Whether a request may change something; `path` with its query, as it is sent."""
    plain, _, query = path.partition("?")
    if method in _READING:
        return _ENTERING.search(plain) is not None
    return not (_TRIED.search(query) or (method == "POST" and _ASKING.search(plain)))


def check(method: str, path: str) -> None:
    """Raises WriteFencedError unless the request that is about to leave may."""
    if _Process.observes and changes(method, path):
        raise ObservedError(f"this process only observes; {method} {path.partition('?')[0]} was not sent")
    fence = _SENDING.get()
    if fence is not None and not fence():
        raise WriteFencedError("what is written to may have another owner now; nothing was sent")


@contextmanager
def holding(fence: Fence) -> Iterator[None]:
    """Work within the block is done for an owner: `held` asks its fence."""
    token = _HELD.set(fence)
    try:
        yield
    finally:
        _HELD.reset(token)


def held() -> bool:
    """The fence of the work that is under way; closed for who holds none."""
    fence = _HELD.get()
    return fence is not None and fence()
