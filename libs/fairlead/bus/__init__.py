"""NATS, the carrier of events: fast and durable enough to be pleasant, never trusted to be complete.

The invariant: whatever NATS loses, somebody's slow path finds. So nothing here blocks start-up on history,
and after a reconnection streams are made again and those who keep state in a bucket are told to rebuild it.
"""

from fairlead.bus.bus import Bus
from fairlead.bus.connection import BusConfig
from fairlead.bus.consume import Message, RetryLaterError
from fairlead.bus.errors import (
    BusError,
    BusUnavailableError,
    NoResponderError,
    NoRoomError,
    NotOursError,
    RemoteError,
    StaleRevisionError,
)
from fairlead.bus.key_value import Entry, KeyValue
from fairlead.bus.requests import Handler

__all__ = [
    "Bus",
    "BusConfig",
    "BusError",
    "BusUnavailableError",
    "Entry",
    "Handler",
    "KeyValue",
    "Message",
    "NoResponderError",
    "NoRoomError",
    "NotOursError",
    "RemoteError",
    "RetryLaterError",
    "StaleRevisionError",
]
