"""What every provider is: how it is recognised, verified and read, in this order.

The invariant: `verify` sees only what comes before the body, and raw bytes; `read` is called only after it
has passed, with a body that is not nested deeper than requests may be.
"""

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

import msgspec

from fairlead.manifest.amount import is_more_than
from fairlead.manifest.nesting import MAX_REQUEST_NESTING, is_nested_deeper
from fairlead.secret import Secret
from fairlead.webhooks.errors import NotJsonError, UnreadableError
from fairlead.webhooks.push import Told
from fairlead.webhooks.verify import Proof

Headers = Mapping[str, str]
"""Of the request; names are compared without regard to case."""
Secrets = Callable[[str], Secret]
"""A value of `argocd-secret` by its key; empty when it is not set."""

Body = bytes | bytearray

MAX_VALUES = 500_000
"""Values of a payload; a push names each file of up to some thousands of commits."""

P = TypeVar("P")


class Asked:
    """What is known of a request before its body is read."""

    def __init__(self, headers: Headers, query: Callable[[], Headers], secrets: Secrets) -> None:
        self.headers = headers
        self.secrets = secrets
        self._query = query

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters of its address."""
        return self._query()


class Provider(Protocol):
    """One kind of sender."""

    def recognises(self, asked: Asked) -> bool:
        """Whether the request says it comes from here."""

    def verify(self, asked: Asked) -> Proof:
        """What the body has to prove. Raises NotVerifiedError for what the headers disprove."""

    def read(self, headers: Headers, body: Body) -> tuple[Told, ...]:
        """What the payload says. Raises UnreadableError."""


def payload(body: Body, kind: type[P]) -> P:
    """A typed payload. Raises UnreadableError, NotJsonError."""
    if is_more_than(body, MAX_VALUES):
        raise NotJsonError(f"more than {MAX_VALUES} values")
    if is_nested_deeper(body, MAX_REQUEST_NESTING):
        raise NotJsonError(f"nested deeper than {MAX_REQUEST_NESTING} levels")
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise UnreadableError(f"not a payload of this event: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotJsonError(f"not JSON: {error}") from None


def require(condition: object, what: str) -> None:
    """Raises UnreadableError unless the payload has what it must have."""
    if not condition:
        raise UnreadableError(f"the payload has no {what}")
