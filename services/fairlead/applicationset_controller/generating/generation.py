"""What one generation of a set shares: whose it is, whom it may ask, and what it came across.

Invariant: it ends with the generation; nothing of it is remembered for the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from fairlead.applicationset_controller.generating.parameters import Params, StrMap
from fairlead.applicationset_controller.generating.sources import Sources
from fairlead.applicationset_controller.templating.fill import Templates

T = TypeVar("T")

SOON = 180.0
"""Seconds after which what nothing announces is asked again: Git, artifacts, decisions (contract 4)."""
LATER = 1800.0
"""The same of hosts with a budget of requests, and of plugins."""
PARAMS = 128
"""Bytes that a set of parameters is taken for."""
MOST_WORDS = 20
"""Things without effect that are said of one set."""
SMALL = 16 << 10
"""Bytes of YAML, or of parameters, that are worked on at once: a few milliseconds."""


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """A revision of a repository whose next commit should wake the set."""

    repo_url: str
    revision: str


class Generation:
    """One generation of one set.

    `project` is the one that the template names, "" where that is a template itself.
    """

    def __init__(
        self,
        *,
        name: str,
        namespace: str,
        project: str,
        sources: Sources,
        templates: Templates,
        requeue_after: float = SOON,
    ) -> None:
        self.name = name
        self.namespace = namespace
        self.project = project
        self.sources = sources
        self.templates = templates
        self.watched: set[tuple[str, str]] = set()
        self.words: list[str] = []
        self._requeue_after = requeue_after
        self._again: set[float] = set()

    @property
    def is_go(self) -> bool:
        """Whether parameters are nested, as Go templates see them."""
        return self.templates.is_go

    @property
    def again(self) -> float | None:
        """Seconds after which the first of what was asked is to be asked again; None for never."""
        return min(self._again, default=None)

    def requeue(self, seconds: int | None, otherwise: float = SOON) -> None:
        """A generator wants to be asked again; 0 seconds is never."""
        after = float(seconds) if seconds is not None else otherwise
        if seconds is None and otherwise == SOON:
            after = self._requeue_after
        if after > 0:
            self._again.add(after)

    def say(self, words: str) -> None:
        """Something that is accepted has no effect, once, and of many the first."""
        if words not in self.words and len(self.words) < MOST_WORDS:
            self.words.append(words)

    async def with_values(self, sets: Sequence[Params], values: Mapping[str, str]) -> list[Params]:
        """Each set with the generator's `values`, which may name parameters of the set, and no other value.

        Raises TemplateError.
        """
        if not values:
            return list(sets)
        filled = await self.templates.fill(dict(values), sets)
        if self.is_go:
            return [{**params, "values": StrMap(own)} for params, own in zip(sets, filled, strict=True)]
        return [
            {**params, **{f"values.{key}": value for key, value in own.items()}}
            for params, own in zip(sets, filled, strict=True)
        ]


async def aside(size: int, work: Callable[[], T]) -> T:
    """Pure work on so many bytes, beside the loop where that is much."""
    return work() if size < SMALL else await asyncio.to_thread(work)


async def together(*coroutines: Coroutine[Any, Any, T]) -> list[T]:
    """What all of them come to, in order. The first that fails ends the others, and its error is raised."""
    tasks = [asyncio.ensure_future(coroutine) for coroutine in coroutines]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
