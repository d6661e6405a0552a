"""How often and how long a request is tried again, in one place.

Invariant: a request that may have had its effect is repeated only if repeating it is harmless.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

from fairlead.kube.errors import (
    KubeError,
    RequestTimeoutError,
    TooManyRequestsError,
    TransientError,
    UnreachableError,
)

T = TypeVar("T")


class RetryPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds in seconds. When a server asks for more than `longest_wait`, its error is passed on."""

    attempts: int = 5
    first_wait: float = 0.1
    longest_wait: float = 5.0


PATIENT = RetryPolicy()
NO_RETRY = RetryPolicy(attempts=1)


async def with_retries(
    send: Callable[[], Awaitable[T]], *, idempotent: bool, policy: RetryPolicy = PATIENT
) -> T:
    """The answer of `send`, tried again after transient failures; raises the last one's error."""
    for attempt in range(1, policy.attempts + 1):
        try:
            return await send()
        except TransientError as error:
            wait = wait_before_retry(error, attempt, policy)
            if attempt == policy.attempts or wait is None or not may_repeat(error, idempotent=idempotent):
                raise
        await asyncio.sleep(wait)
    raise AssertionError("a retry policy has at least one attempt")


def may_repeat(error: KubeError, *, idempotent: bool) -> bool:
    """Whether sending again is harmless: always when nothing was processed, else only if idempotent."""
    if isinstance(error, TooManyRequestsError):
        return True
    if isinstance(error, UnreachableError) and not error.sent:
        return True
    if isinstance(error, RequestTimeoutError) and error.status == 0:
        return False
    return idempotent and isinstance(error, TransientError)


def wait_before_retry(error: KubeError, attempt: int, policy: RetryPolicy) -> float | None:
    """Seconds to wait: what the server asks plus jitter, else doubling; None when it asks too much."""
    if error.retry_after is not None:
        if error.retry_after > policy.longest_wait:
            return None
        return error.retry_after + random.uniform(0, policy.first_wait)  # noqa: S311
    longest = min(policy.longest_wait, policy.first_wait * 2 ** (attempt - 1))
    return random.uniform(longest / 2, longest)  # noqa: S311
