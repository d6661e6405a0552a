"""HTTP to hosts that repositories name: charts, registries, value files, token exchanges, Git's own lists.

The invariant: no byte comes from, and no credential goes to, anywhere but where it was meant.
"""

from fairlead.outbound.answer import Answer
from fairlead.outbound.errors import (
    AddressRefusedError,
    AskedTooOftenError,
    AuthorizationError,
    NotThereError,
    OutboundError,
    OutboundInvalidError,
    OutboundTransientError,
    StatusError,
    TooLargeError,
    TooSlowError,
)
from fairlead.outbound.outbound import Anybody, Outbound

__all__ = [
    "AddressRefusedError",
    "Answer",
    "Anybody",
    "AskedTooOftenError",
    "AuthorizationError",
    "NotThereError",
    "Outbound",
    "OutboundError",
    "OutboundInvalidError",
    "OutboundTransientError",
    "StatusError",
    "TooLargeError",
    "TooSlowError",
]
