"""What every provider is: how it is recognised, verified and read, in this order.

The invariant: `verify` sees only headers and raw bytes; `read` is called only after it has passed.
"""

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

import msgspec

from fairlead.api_server.webhook.errors import NotJsonError, UnreadableError
from fairlead.api_server.webhook.push import Push
from fairlead.secret import Secret

Headers = Mapping[str, str]
"""Of the request; names are compared without regard to case."""
Secrets = Callable[[str], Secret]
"""A value of `argocd-secret` by its key; empty when it is not set."""

P = TypeVar("P")


class Provider(Protocol):
    """One kind of sender."""

    def recognises(self, headers: Headers) -> bool:
        """Whether the request says it comes from here."""

    def verify(self, headers: Headers, body: bytes, secrets: Secrets) -> None:
        """Raises NotVerifiedError."""

    def read(self, headers: Headers, body: bytes) -> tuple[Push, ...]:
        """What the payload says. Raises UnreadableError."""


def payload(body: bytes, kind: type[P]) -> P:
    """A typed payload. Raises UnreadableError, NotJsonError."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise UnreadableError(f"not a payload of this event: {error}") from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise NotJsonError(f"not JSON: {error}") from None


def require(condition: object, what: str) -> None:
    """Raises UnreadableError unless the payload has what it must have."""
    if not condition:
        raise UnreadableError(f"the payload has no {what}")
