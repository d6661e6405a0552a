"""Which network addresses a cluster that was declared may be at.

Whoever may declare a cluster, or a proxy to it, names an address that we then connect to. Private ranges and
this machine are open, as clusters live there; closed are the link and where clouds keep the credentials of
machines. The connections an operator started us with are theirs to choose.

Invariant: asked about is the very address that is about to be connected to, whether a name, a number or a
proxy led there, and whatever the name led to before.
"""

import errno
import socket
from typing import Any
from urllib.parse import urlsplit

from fairlead.matching.networks import Networks, parse_networks

CLOSED = "this address may not be connected to"
CLUSTERS = Networks(opened=parse_networks("127.0.0.0/8,::1"))

AddressInfo = tuple[Any, Any, int, str, tuple[Any, ...]]
"""What `getaddrinfo` says of one address."""


def guarded_socket(found: AddressInfo) -> socket.socket:
    """A socket to connect to an address with. Raises OSError for one that is closed."""
    family, kind, protocol, _, address = found
    if not CLUSTERS.allow(str(address[0])):
        raise PermissionError(errno.EACCES, CLOSED)
    return socket.socket(family, kind, protocol)


def is_closed(url: str) -> bool:
    """Whether the host of an address is written as numbers that lead to a closed one. What a name leads to is
    looked at when it is connected to."""
    try:
        return not CLUSTERS.allow(_numeric(urlsplit(url).hostname or ""))
    except ValueError:
        return False


def _numeric(host: str) -> str:
    """The address that a host is, also as one number, or with fewer or hexadecimal parts, which resolvers
    take. Raises ValueError for a name."""
    if ":" in host:
        return host
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        raise ValueError(host) from None
