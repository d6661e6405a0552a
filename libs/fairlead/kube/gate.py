"""Whether an object may be written at all, asked by the writer itself: of every write, and of every trial.

Why here: whoever writes could forget to ask, or ask about another object than the one that is written.
Invariant: a client that is guarded sends nothing but reads, except within a write that its gate let pass, and
then only to the very object that the gate was asked about. The gate is asked once more when the request is
about to leave: what it knows may have changed while a place, a connection or another attempt was waited for.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple, Protocol

from fairlead.kube.errors import KubeError
from fairlead.kube.resource import Resource

FORBIDDEN = 403


class NotPermittedError(KubeError):
    """For whom it was to be written may not write it; nothing was sent."""

    def __init__(self, message: str) -> None:
        super().__init__(message, status=FORBIDDEN, reason="NotPermitted")


class Gate(Protocol):
    """Why an object may not be written, "" when it may. `name` is "" for one that the server names."""

    def __call__(self, verb: str, resource: Resource, namespace: str, name: str) -> str: ...


class Only:
    """Lets pass what is of one resource, in one namespace and of one name where these are given: the gate of
    what a process writes for itself."""

    def __init__(self, resource: Resource, *, namespace: str | None = None, name: str | None = None) -> None:
        self._resource = resource
        self._namespace = namespace
        self._name = name

    def __call__(self, verb: str, resource: Resource, namespace: str, name: str) -> str:
        is_meant = (
            resource.group_kind == self._resource.group_kind
            and self._namespace in (None, namespace)
            and self._name in (None, name)
        )
        if is_meant:
            return ""
        return f"{verb} of {resource.kind} {namespace}/{name} is not what this is for"


class _Pass(NamedTuple):
    collection: str
    item: str
    refusal: Callable[[], str]


_PASS: ContextVar[_Pass | None] = ContextVar("fairlead_pass_of_gate", default=None)


@contextmanager
def passed(gate: Gate, verb: str, resource: Resource, namespace: str | None, name: str) -> Iterator[None]:
    """Within the block this object may be written, as long as the gate lets it pass.

    Raises NotPermittedError when it does not.
    """
    place = (namespace or "") if resource.namespaced else ""

    def refusal() -> str:
        return gate(verb, resource, place, name)

    item = resource.path(namespace, name) if name else ""
    token = _PASS.set(_Pass(resource.path(namespace), item, refusal))
    try:
        check()
        yield
    finally:
        _PASS.reset(token)


def check() -> None:
    """Raises NotPermittedError unless the gate lets the write pass that is under way; reads pass none."""
    found = _PASS.get()
    refused = found.refusal() if found is not None else ""
    if refused:
        raise NotPermittedError(refused)


def require_pass(method: str, path: str) -> None:
    """Raises NotPermittedError for a request that no gate was asked about."""
    found = _PASS.get()
    plain = path.partition("?")[0]
    if found is not None:
        if method == "POST" and plain == found.collection:
            return
        if found.item and (plain == found.item or plain.startswith(f"{found.item}/")):
            return
    raise NotPermittedError(f"{method} {plain} was to be sent past the gate of its cluster; nothing was sent")
