"""How long a sync waits before it gives up, and what it says then.

Invariant: what a person has to do, a confirmation, has no deadline.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from fairlead.sync import messages
from fairlead.sync.task import Results, Task, TaskId

ATTEMPT, HOOK, WAIT = 86_400.0, 43_200.0, 21_600.0
"""Seconds: a day, half a day, a quarter. Nothing that makes headway takes as long; what is stuck ends."""


class Deadlines(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds, 0 for none.

    ``attempt`` is for one attempt of an operation, ``hook`` for a hook from its creation to its end, and
    ``wait`` for one object to become healthy, or to go once it was deleted.
    """

    attempt: float = ATTEMPT
    hook: float = HOOK
    wait: float = WAIT

    def of(self, task: Task, results: Results) -> float:
        """What holds for a task that is waited for: an old hook that has to go first is no running hook."""
        return self.hook if task.is_hook and results.is_running(task) else self.wait

    def late(
        self, waited: Mapping[TaskId, float], tasks: Mapping[TaskId, Task], results: Results
    ) -> Iterator[tuple[Task, float]]:
        """Which were waited for too long (``waited`` seconds each), and how long they were given."""
        for name, seconds in waited.items():
            task = tasks.get(name)
            limit = 0.0 if task is None else self.of(task, results)
            if task is not None and 0 < limit <= seconds:
                yield task, limit

    def next_due(
        self, waited: Mapping[TaskId, float], tasks: Mapping[TaskId, Task], results: Results
    ) -> float | None:
        """Seconds until the first of them is over, or None when none ever is."""
        left = [
            limit - seconds
            for name, seconds in waited.items()
            if name in tasks and (limit := self.of(tasks[name], results)) > 0
        ]
        return max(0.0, min(left)) if left else None


def missed(task: Task, results: Results, limit: float, reason: str) -> str:
    """What is said of a task whose time is over."""
    return messages.too_late(_what(task, results), limit, reason)


def _what(task: Task, results: Results) -> str:
    name = f"{task.key.group}/{task.key.kind}/{task.key.name}"
    if not results.is_running(task):
        return f"{name} was not gone"
    return f"hook {name} did not end" if task.is_hook else f"{name} was not healthy"
