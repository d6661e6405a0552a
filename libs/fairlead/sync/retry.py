"""Trying a failed sync again: how often, and after how long.

Invariant: the wait before attempt n is ``min(duration * factor^n, maxDuration)`` from the end of the last
one; the time *announced* is one factor less, as Argo CD announces it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import msgspec

from fairlead.model.duration import DurationError, parse_duration
from fairlead.model.sync import Backoff, OperationPhase, OperationState, RetryStrategy

DEFAULT_DURATION = 5.0
DEFAULT_FACTOR = 2
DEFAULT_MAX_DURATION = 180.0
AUTOMATED_LIMIT = 5
"""Attempts of an automated sync whose application has no retry block."""

_ANNOUNCED = ". Retrying attempt #"
_SUPERSEDED = re.compile(r" \(superseded by [^ ()]+\)(?: \(retried \d+ times\)\.)?$")
_HEX = re.compile(r"[0-9a-f]{8,}")
MAX_WAIT = 10 * 365 * 24 * 3600.0
"""Seconds. A wait without a cap still has to be a date."""


class Retry(msgspec.Struct, frozen=True, kw_only=True):
    """What follows the end of an attempt.

    ``again`` is whether there will be another; then ``count`` is its number and ``due`` when it starts.
    ``phase`` and ``message`` go into the status as they are.
    """

    again: bool
    phase: OperationPhase
    message: str
    count: int = 0
    due: datetime | None = None


def wait_before(backoff: Backoff | None, attempt: int) -> float:
    """Seconds before attempt ``attempt`` (from 1). Raises :class:`DurationError` for unreadable text."""
    backoff = backoff or Backoff()
    start = parse_duration(backoff.duration) if backoff.duration else DEFAULT_DURATION
    longest = parse_duration(backoff.max_duration) if backoff.max_duration else DEFAULT_MAX_DURATION
    factor = DEFAULT_FACTOR if backoff.factor is None else backoff.factor
    try:
        wait = start * float(factor) ** attempt
    except OverflowError:
        wait = MAX_WAIT
    return max(0.0, min(wait, longest if longest > 0 else MAX_WAIT, MAX_WAIT))


def after_attempt(
    *,
    phase: OperationPhase,
    message: str,
    retry: RetryStrategy | None,
    retry_count: int,
    finished_at: datetime,
    terminating: bool = False,
) -> Retry:
    """What follows an attempt that ended; ``retry_count`` is how many retries there were before."""
    retry = retry or RetryStrategy()
    failed = phase in (OperationPhase.FAILED, OperationPhase.ERROR) and not terminating
    if not failed or (0 <= retry.limit <= retry_count):
        return Retry(again=False, phase=phase, message=_retried(message, retry_count), count=retry_count)
    count = retry_count + 1
    try:
        due = finished_at + timedelta(seconds=wait_before(retry.backoff, count))
        announced = finished_at + timedelta(seconds=wait_before(retry.backoff, count - 1))
    except DurationError as error:
        text = f"{message} (failed to retry: {error})"
        return Retry(again=False, phase=OperationPhase.ERROR, message=text, count=retry_count)
    at = announced.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = f"{message}{_ANNOUNCED}{count} at {at}."
    return Retry(again=True, phase=OperationPhase.RUNNING, message=text, count=count, due=due)


def due_at(retry: RetryStrategy | None, retry_count: int, finished_at: datetime) -> datetime:
    """When the announced attempt starts, for a controller that was restarted while waiting."""
    backoff = retry.backoff if retry is not None else None
    return finished_at + timedelta(seconds=wait_before(backoff, retry_count))


def starting_message(retry: RetryStrategy | None, retry_count: int) -> str:
    """What the operation says when the attempt starts."""
    latest = " with latest revisions" if retry is not None and retry.refresh else ""
    return f"Retrying operation{latest}. Attempt #{retry_count}"


def superseded_message(message: str, revision: str) -> str:
    """What an operation says that waited for another attempt when a newer commit came."""
    return f"{message.partition(_ANNOUNCED)[0]} (superseded by {_shortened(revision)})"


def was_superseded(state: OperationState) -> bool:
    """Whether an operation ended since a newer commit came, whatever became of what it had tried."""
    return state.phase is OperationPhase.FAILED and _SUPERSEDED.search(state.message) is not None


def _shortened(revision: str) -> str:
    """A commit, or a digest, as people know it by sight; a chart's version whole."""
    digits = revision.rpartition(":")[2]
    return digits[:7] if _HEX.fullmatch(digits) else revision


def _retried(message: str, count: int) -> str:
    return f"{message} (retried {count} times)." if count else message
