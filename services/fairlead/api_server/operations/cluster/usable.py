"""Whether a cluster can be used: what is said of it, where it is, and whether it answers.

Invariant: a cluster is tried by its controller, with credentials that are sealed for that question; the
api-server connects to none.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any
from urllib.parse import urlsplit

import msgspec
import structlog

from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.cluster.registered import LOCAL_NAME, LOCAL_SERVER
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.kube.connection import from_cluster_secret
from fairlead.kube.errors import ConnectionConfigError

log = structlog.get_logger(__name__)

_METADATA = frozenset(map(ip_address, ("100.100.100.200", "168.63.129.16", "fd00:ec2::254", "fd20:ce::254")))


class Wanted(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A cluster as it is asked for; what else is sent along is somebody's reading and does not count."""

    server: str = ""
    name: str = ""
    config: dict[str, Any] = {}
    namespaces: tuple[str, ...] = ()
    shard: int | None = None
    cluster_resources: bool = False
    project: str = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"Wanted(server={self.server!r})"


def require_usable(backend: Backend, wanted: Wanted) -> None:
    """A cluster that nobody could connect to is refused with the reason."""
    proxy = wanted.config.get("proxyUrl")
    if isinstance(proxy, str) and _is_closed(proxy):
        text = f"cluster {wanted.server}: the proxy's address may not be connected to"
        raise RefusalError(Code.INVALID_ARGUMENT, text)
    if wanted.server == LOCAL_SERVER:
        if not backend.control.settings.in_cluster_enabled:
            text = f"cannot register cluster: {LOCAL_NAME} has been disabled"
            raise RefusalError(Code.INVALID_ARGUMENT, text)
        return
    if _is_closed(wanted.server):
        text = f"cluster {wanted.server}: this address may not be connected to"
        raise RefusalError(Code.INVALID_ARGUMENT, text)
    try:
        from_cluster_secret(wanted.server, msgspec.json.encode(stored_config(wanted)))
    except ConnectionConfigError as error:
        raise RefusalError(Code.INVALID_ARGUMENT, error.message) from None


async def require_reachable(backend: Backend, wanted: Wanted) -> None:
    """The cluster's controller tries it, as Argo CD does. Where none answers it is registered all the same:
    how it is found is shown, and nothing is deployed that cannot be."""
    if wanted.server == LOCAL_SERVER:
        return
    try:
        problem = await backend.ask.try_cluster(wanted.server, msgspec.json.encode(stored_config(wanted)))
    except RefusalError as error:
        if error.code not in (Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED):
            raise
        log.warning("cluster.not_tried", server=wanted.server, reason=error.message)
        return
    if problem:
        raise RefusalError(Code.UNKNOWN, problem)


def _is_closed(url: str) -> bool:
    """Whether an address written as numbers is a link's, or where clouds keep the credentials of machines."""
    try:
        address = _numeric(urlsplit(url).hostname or "")
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.is_link_local or address.is_multicast or address.is_unspecified or address in _METADATA


def _numeric(host: str) -> IPv4Address | IPv6Address:
    """The address that a host is, also as one number, or with fewer or hexadecimal parts, which resolvers
    take. Raises ValueError for a name."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        raise ValueError(host) from None


def stored_config(wanted: Wanted) -> dict[str, Any]:
    """The `config` as stored; whether certificates are checked is always said."""
    given = {key: value for key, value in wanted.config.items() if value not in (None, "", False, {})}
    tls = given.get("tlsClientConfig")
    tls = tls if isinstance(tls, dict) else {}
    kept = {key: value for key, value in tls.items() if value not in (None, "")}
    return {**given, "tlsClientConfig": {**kept, "insecure": tls.get("insecure") is True}}
