"""The health of an application's resources, asked of the controller once for all who are told of one change.

Invariant: what is shared is at most SHARED seconds old and of the very version of the application that is
shown; nobody who asks for an application by itself is answered from it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from fairlead.api_server.documents import ApplicationDocument

SHARED = 1.0
"""Seconds for which an answer is shared among streams."""
MAX_KEPT = 1024
"""Applications whose answer is kept; the longest kept goes first."""


class _Asked(NamedTuple):
    document: ApplicationDocument
    answer: "asyncio.Task[ApplicationDocument]"
    at: float


class TreeHealth:
    """Answers that are shared."""

    def __init__(self) -> None:
        self._asked: dict[str, _Asked] = {}

    async def shared(
        self, document: ApplicationDocument, ask: Callable[[], Awaitable[ApplicationDocument]]
    ) -> ApplicationDocument:
        """What `ask` says of this version, or said a moment ago. Raises what it raises."""
        now = asyncio.get_running_loop().time()
        known = self._asked.get(document.key)
        if known is None or known.document is not document or now - known.at >= SHARED:
            known = _Asked(document, asyncio.ensure_future(_answered(ask)), now)
            self._asked.pop(document.key, None)
            self._asked[document.key] = known
            while len(self._asked) > MAX_KEPT:
                self._asked.pop(next(iter(self._asked)))
        return await asyncio.shield(known.answer)


async def _answered(ask: Callable[[], Awaitable[ApplicationDocument]]) -> ApplicationDocument:
    return await ask()
