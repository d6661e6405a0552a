"""What a row says: which operation answers an RPC, and within which limits."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import msgspec

from fairlead.wire.catalogue import RPCS_BY_PATH, Rpc

RENDERING = 90.0
"""Seconds for operations that may wait for a render of 60."""

SMALL = 64 << 10
"""Bytes of a request that holds names."""
CREDENTIALS = 8 << 10
"""Bytes of a request that holds names and passwords."""
OBJECT = 4 << 20
"""Bytes of a request that holds an object of Kubernetes, which has at most 3 MiB."""
MANIFESTS = 16 << 20
"""Bytes of a request that may hold local manifests."""

Operation = Callable[[Any, Any, Any], Any]


class Method(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One row.

    `run` takes the backend, the caller and an `ask`, whose fields are named as those of the RPC's request;
    it returns a struct, a dict or JSON in `msgspec.Raw`. Of a server stream it is an asynchronous generator
    of such, whose first item comes once the caller may watch, and is None when it says nothing, as any other
    may be; of a client stream it takes an asynchronous iterator of `ask`s. `seconds` bounds an answer that
    ends, and is longer where somebody renders. `body_bytes` bounds the request. What `is_public` is asked by
    strangers too.
    """

    rpc: str
    run: Operation
    ask: type[msgspec.Struct]
    seconds: float = 30.0
    body_bytes: int = SMALL
    is_public: bool = False

    @cached_property
    def described(self) -> Rpc:
        """What the schema says of the RPC. Raises KeyError for one that it does not have."""
        return RPCS_BY_PATH[self.rpc]
