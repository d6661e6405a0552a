"""The engines for the texts of people: one for the operator's; for those of namespaces one for who is quick,
and one for who is slow.

Why: whoever may write a configuration of a namespace can keep an engine busy until its deadline. Invariant: a
namespace has one request under way at a time, and one whose request was slow is answered for a while where
only others like it wait; what it costs those who are quick is that one request.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from fairlead.notices.configuration import Configuration
from fairlead.notices.environment import Engine
from fairlead.render.scripts import Scripts

SLOW: Final = 1.0
"""Seconds of one request that make a namespace slow."""
SLOW_FOR: Final = 600.0
"""Seconds for which it is taken to be."""
MOST: Final = 2000
"""Namespaces that are remembered; the one that was made first is forgotten."""


class Engines:
    """All are started when they are first asked."""

    def __init__(self, binary: Path | None) -> None:
        self._scripts = Scripts(binary), Scripts(binary), Scripts(binary)
        operator, quick, slow = self._scripts
        self._operator: Engine = operator
        self._namespaces = Namespaces(quick, slow)

    def __call__(self, configuration: Configuration) -> Engine:
        """The one for a configuration."""
        return self._namespaces.of(configuration.namespace) if configuration.is_own else self._operator

    async def aclose(self) -> None:
        """End all."""
        for scripts in self._scripts:
            await scripts.aclose()


class Namespaces:
    """What each namespace asks, by one of two engines."""

    def __init__(self, quick: Engine, slow: Engine) -> None:
        self._quick, self._slow = _Line(quick), _Line(slow)
        self._known: dict[str, _OfNamespace] = {}

    def of(self, namespace: str) -> Engine:
        """The engine as a namespace has it."""
        known = self._known.get(namespace)
        if known is None:
            known = self._known[namespace] = _OfNamespace(self._quick, self._slow)
            if len(self._known) > MOST:
                del self._known[next(iter(self._known))]
        return known


class _Line:
    """An engine, and who waits for it, in order."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.turn = asyncio.Lock()


class _OfNamespace:
    def __init__(self, quick: _Line, slow: _Line) -> None:
        self._quick, self._slow = quick, slow
        self._turn = asyncio.Lock()
        self._slow_until = 0.0

    async def notice(self, work: Mapping[str, Any], variables: Mapping[str, Any]) -> Any:
        """See Scripts."""
        async with self._turn:
            line = self._slow if time.monotonic() < self._slow_until else self._quick
            async with line.turn:
                began = time.monotonic()
                try:
                    return await line.engine.notice(work, variables)
                finally:
                    ended = time.monotonic()
                    if ended - began > SLOW:
                        self._slow_until = ended + SLOW_FOR
