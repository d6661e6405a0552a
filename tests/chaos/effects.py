"""What a process does that the world can see: a write to a cluster, a message on NATS, a value in Redis.

Between two of these there is nothing that a kill could leave behind, so the moments before and after each are
all the moments there are.
"""

from collections.abc import Awaitable, Callable

import msgspec

from tests.chaos.recording import Write

WRITING = frozenset({"SET", "DEL", "EXPIRE"})
"""Commands of Redis that change something."""
_ASIDE = ("$JS.API.", "$JS.FC.", "$KV.members.", "rpc.")
"""Questions and signs of life: nobody who asks or lives has changed anything by that."""
_RESOURCES_ASIDE = frozenset({"leases", "events"})


class Effect(msgspec.Struct, frozen=True):
    """Who did what. `name` is of a kind of effects, such as `nats manifests.rendered`."""

    by: str
    name: str


Watcher = Callable[[Effect, str], Awaitable[None]]
"""Told of an effect `before` it reaches the server and `after`; one that raises OSError has it held back."""


class Watchers:
    """Who is told of effects."""

    def __init__(self) -> None:
        self._all: list[Watcher] = []

    @property
    def are_there(self) -> bool:
        """Whether anybody is told."""
        return bool(self._all)

    def add(self, watcher: Watcher) -> None:
        """Tell somebody from now on."""
        self._all.append(watcher)

    async def tell(self, effect: Effect, stage: str) -> None:
        """Tell all."""
        for watcher in self._all:
            await watcher(effect, stage)


def effect_of_message(by: str, subject: str) -> Effect | None:
    """What a published message is, None for what changes nothing."""
    if not subject or subject.startswith(_ASIDE):
        return None
    if subject.startswith("$KV."):
        return Effect(by, f"nats bucket {subject.split('.')[1]}")
    if subject.startswith("$JS.ACK."):
        return Effect(by, f"nats acknowledgement of {subject.split('.')[2]}")
    if subject.startswith("_INBOX"):
        return Effect(by, "nats answer")
    words = subject.split(".")
    if words[0] == "fairlead":
        return Effect(by, f"nats event {words[-1]}")
    return Effect(by, f"nats {'.'.join(words[:2])}")


def effect_of_command(by: str, name: str) -> Effect | None:
    """What a command of Redis is, None for one that changes nothing."""
    return Effect(by, f"redis {name}") if name in WRITING else None


def effect_of_write(write: Write) -> Effect | None:
    """What a request to an API server is, None for a trial and for what tells of no effect."""
    resource, _, _, subresource = write.parts
    if "dryRun" in write.query or resource in _RESOURCES_ASIDE:
        return None
    return Effect(write.by, f"kube {write.method} {'/'.join(filter(None, (resource, subresource)))}")
