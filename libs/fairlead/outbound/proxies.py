"""Which proxy leads to an address: the repository's own, else the process', unless the address is excepted.

The rules are those of Go's programs, which operators know: `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`,
in either case of letters; an entry of the latter is a host with all below it, `.domain` with what is below
it, an address or network, `*`, each with a port or without.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

import msgspec

from fairlead.outbound.errors import AddressRefusedError
from fairlead.outbound.names import is_host

_PROXY_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}
SCHEMES = frozenset(_PROXY_PORTS)
_PORTS = {"http": 80, "https": 443}


class Proxies(msgspec.Struct, frozen=True, kw_only=True):
    """What the environment of the process says. Never shown: a proxy's address may hold a password."""

    http: str = ""
    https: str = ""
    no_proxy: str = ""

    def __repr__(self) -> str:
        return f"Proxies(http={bool(self.http)}, https={bool(self.https)})"

    @classmethod
    def read(cls, variable: Callable[[str], str | None]) -> Proxies:
        """From the environment, `variable` giving what one is set to."""

        def either(name: str) -> str:
            return (variable(name.upper()) or variable(name.lower()) or "").strip()

        return cls(http=either("http_proxy"), https=either("https_proxy"), no_proxy=either("no_proxy"))


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """How an address is reached: by `proxy`, or "" straight. `is_ours` when the operator named the proxy, who
    may name one anywhere."""

    proxy: str = ""
    is_ours: bool = False

    def __repr__(self) -> str:
        return f"Way(proxy={bool(self.proxy)}, is_ours={self.is_ours})"


def way_to(url: str, proxy: str, no_proxy: str, process: Proxies) -> Way:
    """A repository's own proxy goes before that of the process, and so do its exceptions then.

    Raises:
        AddressRefusedError: the proxy's address cannot be used.
    """
    scheme = urlsplit(url).scheme.lower()
    own = bool(proxy)
    chosen = proxy or (process.https if scheme == "https" else process.http if scheme == "http" else "")
    if not chosen or is_excepted(url, no_proxy if own or no_proxy else process.no_proxy, local=not own):
        return Way()
    return Way(proxy=_checked(chosen), is_ours=not own)


def is_excepted(url: str, no_proxy: str, *, local: bool = True) -> bool:
    """Whether an address is among the exceptions. With `local` this machine always is, as in Go."""
    parts = urlsplit(url)
    host, port = (parts.hostname or "").rstrip("."), str(parts.port or _PORTS.get(parts.scheme.lower(), 0))
    if local and (host == "localhost" or _is_loopback(host)):
        return True
    return any(_is_meant(entry.strip().lower(), host, port) for entry in no_proxy.split(","))


def _is_meant(entry: str, host: str, port: str) -> bool:
    if entry in ("", "*"):
        return bool(entry)
    if "/" in entry:
        return _is_within(entry, host)
    name, its_port = _split(entry)
    if its_port and its_port != port:
        return False
    if _is_address(name) or _is_address(host):
        return _is_address(name) and _is_address(host) and ip_address(name) == ip_address(host)
    suffix = name.removeprefix("*")
    if suffix.startswith("."):
        return host.endswith(suffix)
    return host == suffix or host.endswith(f".{suffix}")


def _split(entry: str) -> tuple[str, str]:
    """Name and port; an IPv6 address has brackets when it has a port."""
    if entry.startswith("["):
        name, _, rest = entry[1:].partition("]")
        return name, rest.removeprefix(":")
    name, _, port = entry.rpartition(":")
    return (name, port) if name and port.isdigit() and ":" not in name else (entry, "")


def _is_within(network: str, host: str) -> bool:
    try:
        return ip_address(host) in ip_network(network, strict=False)
    except ValueError:
        return False


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return _is_address(host) and ip_address(host).is_loopback


def _checked(proxy: str) -> str:
    """With scheme and port: programs differ in which port they take when none is said."""
    text = proxy if "://" in proxy else f"http://{proxy}"
    try:
        parts = urlsplit(text)
        scheme, port = parts.scheme.lower(), parts.port
    except ValueError:
        raise _unusable() from None
    if (
        scheme not in SCHEMES
        or not is_host(parts.hostname or "")
        or any(ord(character) < 33 for character in text)
    ):
        raise _unusable()
    place = parts.netloc if port else f"{parts.netloc.rstrip(':')}:{_PROXY_PORTS[scheme]}"
    return f"{scheme}://{place}"


def _unusable() -> AddressRefusedError:
    return AddressRefusedError(
        "the proxy's address cannot be used: it is an http, https, socks5 or socks5h address"
    )
