"""What can go wrong on the bus.

BusError
├── BusUnavailableError   the server cannot be reached or did not confirm in time; transient
├── NoRoomError           JetStream's store is too small for a stream; somebody has to make it larger
├── NoResponderError      nobody serves the request subject now; transient
├── StaleRevisionError    a bucket's key is not at the revision that was expected; read it again
└── RemoteError           who serves the request refused it; asking again changes nothing
"""


class BusError(Exception):
    """Base of everything this library raises."""


class BusUnavailableError(BusError):
    """NATS did not take or answer something within its bound. Whoever asked tries again."""


class NoRoomError(BusError):
    """A stream reserves more than JetStream has left; the message says what to change."""


class NoResponderError(BusError):
    """No process serves this request at the moment."""


class StaleRevisionError(BusError):
    """Somebody else wrote the key meanwhile. Whoever wrote reads it again and decides anew."""


class RemoteError(BusError):
    """The other side refused a request; `code` is one of its error names."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class NotOursError(Exception):
    """Raised by a handler of requests whose replica is not the one that is to answer: nothing is sent."""
