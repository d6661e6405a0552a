"""The one way to write to a cluster: every create, apply, patch and delete passes `ClusterWriter.write`.

Invariant: nothing is sent unless the fence says, immediately before each attempt, that we still may write.
"""

from collections.abc import Awaitable, Callable
from typing import Final, Literal, Protocol, TypeVar

import structlog

from fairlead.kube.fence import Fence, WriteFencedError, fenced
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient

__all__ = ["FIELD_MANAGER", "ClusterWriter", "Fence", "Verb", "WriteFencedError", "WriteHook"]

log = structlog.get_logger(__name__)

FIELD_MANAGER: Final = "argocd-controller"
Verb = Literal["apply", "create", "replace", "patch", "delete", "event", "exec"]
T = TypeVar("T")


class WriteHook(Protocol):
    """Told of every write: its verb, the resource and `begun`, then `ok` or the name of the error."""

    def __call__(self, verb: str, resource: Resource, outcome: str) -> None: ...


def _silent(verb: str, resource: Resource, outcome: str) -> None:
    """Nobody counts."""


class ClusterWriter:
    """Writes to one cluster, on behalf of ourselves or of an impersonated account."""

    def __init__(
        self,
        client: KubeClient,
        *,
        fence: Fence,
        on_write: WriteHook = _silent,
        field_manager: str = FIELD_MANAGER,
    ) -> None:
        self.client = client
        self.field_manager = field_manager
        self._fence = fence
        self._on_write = on_write

    def acting_as(self, user: str, *groups: str) -> "ClusterWriter":
        """The same writer under an impersonated account (`system:serviceaccount:<ns>:<name>`)."""
        return ClusterWriter(
            self.client.acting_as(user, *groups),
            fence=self._fence,
            on_write=self._on_write,
            field_manager=self.field_manager,
        )

    async def write(
        self,
        verb: Verb,
        resource: Resource,
        send: Callable[[KubeClient], Awaitable[T]],
        *,
        dry_run: bool = False,
    ) -> T:
        """Sends one write. A dry run changes nothing, so it is neither fenced nor counted.

        Raises WriteFencedError without sending, or the KubeError of the answer.
        """
        if dry_run:
            return await send(self.client)
        self._on_write(verb, resource, "begun")
        if not self._fence():
            self._on_write(verb, resource, WriteFencedError.__name__)
            raise WriteFencedError(f"not the owner of {self.client.connection.server}; nothing was written")
        try:
            with fenced(self._fence):
                answer = await send(self.client)
        except BaseException as error:
            self._on_write(verb, resource, type(error).__name__)
            raise
        self._on_write(verb, resource, "ok")
        return answer
