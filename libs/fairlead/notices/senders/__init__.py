"""Messages to services: one module a service, `table.py` names them, `senders.py` makes them.

The invariant: a message arrives or there are words on why not, which hold no secret; and everything that is
connected to was checked by `fairlead.outbound`.
"""

from fairlead.notices.senders.sender import (
    DeliveryError,
    Destination,
    Message,
    OptionError,
    Sender,
)
from fairlead.notices.senders.senders import Senders
from fairlead.notices.senders.surroundings import Endpoints, Surroundings
from fairlead.notices.senders.table import DEFAULTS, SERVICES, TEMPLATED, remarks, remarks_on_block, spelled

__all__ = [
    "DEFAULTS",
    "SERVICES",
    "TEMPLATED",
    "DeliveryError",
    "Destination",
    "Endpoints",
    "Message",
    "OptionError",
    "Sender",
    "Senders",
    "Surroundings",
    "remarks",
    "remarks_on_block",
    "spelled",
]
