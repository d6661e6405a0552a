"""What can go wrong on the bus.

BusError
├── BusUnavailableError   the server cannot be reached or did not confirm in time; transient
└── NoResponderError      nobody serves the request subject now; transient
"""


class BusError(Exception):
    """Base of everything this library raises."""


class BusUnavailableError(BusError):
    """NATS did not take or answer something within its bound. Whoever asked tries again."""


class NoResponderError(BusError):
    """No process serves this request at the moment."""
