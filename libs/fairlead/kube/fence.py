"""Who may write at this moment, asked at the last moment: when a request is about to leave on its connection.

Invariant: a request under a fence is sent only if the fence was open after its connection was made; whatever
was waited for before, a place, a token, a retry, a stopped process, does not count.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from fairlead.kube.errors import KubeError


class WriteFencedError(KubeError):
    """Another replica may own what is written to; nothing was sent."""


class Fence(Protocol):
    """Tells whether this process may write at this moment."""

    def __call__(self) -> bool: ...


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


def check() -> None:
    """Raises WriteFencedError unless the request that is about to leave may."""
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
