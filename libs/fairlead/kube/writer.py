"""The one way to write to a cluster: every create, apply, patch and delete passes `ClusterWriter.write`.

Invariant: nothing is sent, nor tried, unless the gate lets this very object pass; and nothing is sent unless
the fence says, immediately before each attempt, that we still may write.
"""

from collections.abc import Awaitable, Callable
from typing import Final, Literal, Protocol, TypeVar

import structlog

from fairlead.kube.fence import Fence, WriteFencedError, fenced
from fairlead.kube.gate import Gate, NotPermittedError, passed
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient

__all__ = [
    "FIELD_MANAGER",
    "ClusterWriter",
    "Fence",
    "Gate",
    "NotPermittedError",
    "Verb",
    "WriteFencedError",
    "WriteHook",
]

log = structlog.get_logger(__name__)

FIELD_MANAGER: Final = "argocd-controller"
Verb = Literal["apply", "create", "replace", "patch", "release", "delete", "event", "exec"]
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
        gate: Gate,
        on_write: WriteHook = _silent,
        field_manager: str = FIELD_MANAGER,
    ) -> None:
        self.client = client
        self.field_manager = field_manager
        self._fence = fence
        self._gate = gate
        self._on_write = on_write

    def acting_as(self, user: str, *groups: str) -> "ClusterWriter":
        """The same writer under an impersonated account (`system:serviceaccount:<ns>:<name>`)."""
        return ClusterWriter(
            self.client.acting_as(user, *groups),
            fence=self._fence,
            gate=self._gate,
            on_write=self._on_write,
            field_manager=self.field_manager,
        )

    def gated(self, gate: Gate) -> "ClusterWriter":
        """The same writer, another gate before it."""
        return ClusterWriter(
            self.client,
            fence=self._fence,
            gate=gate,
            on_write=self._on_write,
            field_manager=self.field_manager,
        )

    async def write(
        self,
        verb: Verb,
        resource: Resource,
        send: Callable[[KubeClient], Awaitable[T]],
        *,
        name: str,
        namespace: str | None,
        dry_run: bool = False,
    ) -> T:
        """Sends one write of the object `name`, "" when the server is to name it. A dry run changes nothing,
        so it is neither fenced nor counted; whether the object may be written is asked all the same.

        Raises NotPermittedError and WriteFencedError without sending, or the KubeError of the answer.
        """
        with passed(self._gate, verb, resource, namespace, name):
            return await (send(self.client) if dry_run else self._sent(verb, resource, send))

    async def _sent(self, verb: Verb, resource: Resource, send: Callable[[KubeClient], Awaitable[T]]) -> T:
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
