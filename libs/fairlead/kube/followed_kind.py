"""One kind that is followed, in all namespaces or in some, as one.

Invariant: a kind is known only when each of its parts is.
"""

import asyncio
from typing import NoReturn

from fairlead.kube.errors import KubeError
from fairlead.kube.kind_watch import FAILURES_BEFORE_DOUBT, KindState, KindWatch
from fairlead.kube.list_watch import Reflector
from fairlead.kube.live_object import Kept
from fairlead.kube.resource import Resource
from fairlead.kube.watch_events import Lost


class FollowedKind:
    """One kind that is watched: its parts (one per namespace, mostly one in all) and their tasks.

    Where `is_partial`, only metadata is asked for; `kept` is how much was to be kept of what nobody manages.
    """

    def __init__(self, resource: Resource, *, is_partial: bool = False, kept: Kept = Kept.WHOLE) -> None:
        self.resource = resource
        self.is_partial = is_partial
        self.kept = kept
        self.parts: list[KindWatch] = []
        self.reflectors: list[Reflector] = []
        self.tasks: list[asyncio.Task[NoReturn]] = []

    @property
    def state(self) -> KindState:
        if len(self.parts) == 1:
            return self.parts[0].state
        states = {part.state for part in self.parts}
        for state in (KindState.UNKNOWN, KindState.SYNCING):
            if state in states:
                return state
        return KindState.KNOWN

    @property
    def error(self) -> KubeError | None:
        return next((part.error for part in self.parts if part.error is not None), None)

    def end(self) -> list[asyncio.Task[NoReturn]]:
        """Stop following; the tasks, which come to their end."""
        for task in self.tasks:
            task.cancel()
        return self.tasks

    def lose(self, error: KubeError) -> None:
        """Nobody follows the kind any more."""
        for part in self.parts:
            part.take(Lost(error, FAILURES_BEFORE_DOUBT, gap=True))
