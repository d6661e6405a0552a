"""Which addresses may be connected to for somebody else: to fetch a repository, to reach a cluster.

Private ranges are open, as companies' Git servers live there. Closed are this machine itself, its link, and
where clouds keep the credentials of machines; an operator's list opens or closes more. Invariant: of all
networks that hold an address the smallest decides; of two alike an operator's goes before ours, and what the
operator closed before what the operator opened.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import msgspec

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

_CLOSED = (
    "0.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "100.100.100.200/32",
    "168.63.129.16/32",
    "192.0.0.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/128",
    "::1/128",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
    "fd00:ec2::254/128",
    "fd20:ce::254/128",
)
"""This host, the link (with most clouds' metadata service), metadata elsewhere, groups, reserved ones."""
_TRANSLATED = (
    ip_network("64:ff9b::/96"),
    ip_network("64:ff9b:1::/48"),
    ip_network("::ffff:0:0:0/96"),
    ip_network("::/96"),
)
_SIX_TO_FOUR = ip_network("2002::/16")


def parse_networks(text: str) -> tuple[Network, ...]:
    """Networks separated by commas; an address alone is one. Raises ValueError naming what is none."""
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            found.append(ip_network(part))
        except ValueError as error:
            raise ValueError(f"{part!r} is no network such as 10.0.0.0/8: {error}") from error
    return tuple(found)


class Networks(msgspec.Struct, frozen=True, kw_only=True):
    """An operator's networks beside ours: `opened` may be reached, `closed` may not."""

    opened: tuple[Network, ...] = ()
    closed: tuple[Network, ...] = ()

    def allow(self, address: str) -> bool:
        """Whether this address, and every IPv4 address that it stands for, may be reached."""
        return all(self._is_open(form) for form in _forms(ip_address(address.partition("%")[0])))

    def _is_open(self, address: Address) -> bool:
        opened, closed = _smallest(address, self.opened), _smallest(address, self.closed)
        return opened >= _smallest(address, _DEFAULT) and (opened > closed or closed < 0)


def _forms(address: Address) -> list[Address]:
    """The address, and the IPv4 address inside it where a gateway or the system would take that one."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address in _SIX_TO_FOUR and address.sixtofour is not None:
        return [address, address.sixtofour]
    if any(address in network for network in _TRANSLATED) and int(address) > 1:
        return [address, IPv4Address(int(address) & 0xFFFFFFFF)]
    return [address]


def _smallest(address: Address, networks: Iterable[Network]) -> int:
    """Length of the longest prefix that holds an address; -1 when none does."""
    return max((n.prefixlen for n in networks if n.version == address.version and address in n), default=-1)


_DEFAULT = parse_networks(",".join(_CLOSED))
