"""What was asked of the API server to be changed, by whom, in the order in which it was answered."""

import time
from collections.abc import Awaitable, Callable, Iterator

import msgspec

MUTATING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Write(msgspec.Struct, kw_only=True):
    """One mutating request; `at` and `answered` by the monotonic clock, `status` 0 while it has no answer.

    `told` is whether the answer reached the service: a lost answer is an effect without an acknowledgement.
    """

    by: str
    method: str
    path: str
    query: str = ""
    body: bytes = b""
    at: float = msgspec.field(default_factory=time.monotonic)
    answered: float = 0.0
    status: int = 0
    told: bool = True

    @property
    def took_effect(self) -> bool:
        """Whether the API server carried it out, as a real change and not as a trial."""
        return 200 <= self.status < 300 and "dryRun" not in self.query

    @property
    def parts(self) -> tuple[str, str, str, str]:
        """Resource, namespace, name and subresource; "" for what the path does not have."""
        pieces = self.path.strip("/").split("/")
        rest = pieces[2:] if pieces[0] == "api" else pieces[3:]
        namespace = ""
        if len(rest) > 2 and rest[0] == "namespaces":
            namespace, rest = rest[1], rest[2:]
        resource, name, subresource = (*rest, "", "", "")[:3]
        return resource, namespace, name, subresource


Watcher = Callable[[Write, str], Awaitable[None]]
"""Told of a write `before` it is passed on and `after` it was answered, before the service hears of it."""


class Recording:
    """All writes of a run."""

    def __init__(self) -> None:
        self.writes: list[Write] = []
        self.watchers: list[Watcher] = []

    async def begin(self, write: Write) -> None:
        """A request came; whoever watches may end its sender first."""
        for watcher in self.watchers:
            await watcher(write, "before")

    async def end(self, write: Write) -> None:
        """A request was answered."""
        write.answered = time.monotonic()
        self.writes.append(write)
        for watcher in self.watchers:
            await watcher(write, "after")

    def effects(self) -> Iterator[Write]:
        """The writes that changed something."""
        return (write for write in self.writes if write.took_effect)
