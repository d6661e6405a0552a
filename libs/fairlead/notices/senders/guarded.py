"""A sender as others see it: bounded in time, and its failures words without secrets."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable

import structlog

from fairlead.notices.senders.sender import DeliveryError, Message, Sender

log = structlog.get_logger(__name__)

LONGEST = 90.0
"""Seconds a message may take in all, its own retries included."""
MOST_RECIPIENT = 4096
"""Characters of a recipient, which whoever may annotate an Application writes."""


class Guarded:
    """Of what is raised inside nothing but a DeliveryError comes out, and its words are masked."""

    def __init__(self, kind: str, sender: Sender, mask: Callable[[str], str]) -> None:
        self._kind = kind
        self._sender = sender
        self._mask = mask

    def __repr__(self) -> str:
        return f"Guarded({self._kind})"

    async def send(self, message: Message, recipient: str, *, dedupe: str) -> None:
        """As `Sender.send`."""
        failure = await self._failure(message, recipient, dedupe)
        if failure is not None:
            words = f"{self._kind}: {self._mask(failure.words)}"
            raise DeliveryError(words, may_pass=failure.may_pass, after=failure.after)

    async def _failure(self, message: Message, recipient: str, dedupe: str) -> DeliveryError | None:
        """What went wrong; raised outside of here, an error has no other behind it that tells more."""
        if len(recipient) > MOST_RECIPIENT:
            return DeliveryError(f"a recipient has {MOST_RECIPIENT} characters at most", may_pass=False)
        limit = asyncio.timeout(LONGEST)
        try:
            async with limit:
                await self._sender.send(message, recipient, dedupe=dedupe)
        except DeliveryError as error:
            return error
        except TimeoutError as error:
            if limit.expired():
                return DeliveryError(f"no end after {LONGEST:g} s", may_pass=True)
            return self._fault(error)
        except Exception as error:
            return self._fault(error)
        return None

    def _fault(self, error: Exception) -> DeliveryError:
        """A fault of ours; the log is told where, not what, as an exception's text may hold anything."""
        frames = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
        log.error("notice.sender.broke", kind=self._kind, error=type(error).__name__, at=frames[-6:])
        return DeliveryError(f"the sender failed with {type(error).__name__}", may_pass=False)
