"""The line to a server: straight, or through the proxy that the environment names for it.

HTTPS_PROXY is for servers with TLS, HTTP_PROXY for those without, NO_PROXY names the exceptions: hosts,
domains, addresses and their ranges, `*` for all. A machine's own addresses are never asked of a proxy.
"""

import http.client
import os
from base64 import b64encode
from ipaddress import ip_address, ip_network
from urllib.parse import unquote, urlsplit

from fairlead.cli.client.server import Server, tls
from fairlead.cli.errors import SettingsError

CONNECT_SECONDS = 10.0
DEFAULT_PORT = 80
"""Of a proxy whose address names none."""


def line_to(server: Server) -> http.client.HTTPConnection:
    """A connection that is not made yet. Raises SettingsError."""
    proxy = _proxy(server)
    if proxy is None:
        return _connection(server, server.host, server.port)
    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        host, port = parts.hostname, parts.port or DEFAULT_PORT
    except ValueError:
        host, port = None, 0
    if not host or parts.scheme != "http":
        raise SettingsError("the proxy of the environment is not http://HOST:PORT")
    line = _connection(server, host, port)
    line.set_tunnel(server.host, server.port, headers=_identity(parts.username, parts.password))
    return line


def _connection(server: Server, host: str, port: int) -> http.client.HTTPConnection:
    if server.plaintext:
        return http.client.HTTPConnection(host, port, timeout=CONNECT_SECONDS)
    return http.client.HTTPSConnection(host, port, timeout=CONNECT_SECONDS, context=tls(server))


def _proxy(server: Server) -> str | None:
    name = "http_proxy" if server.plaintext else "https_proxy"
    proxy = os.environ.get(name.upper()) or os.environ.get(name)
    if not proxy or _is_exempt(server.host, server.port):
        return None
    return proxy


def _is_exempt(host: str, port: int) -> bool:
    name = host.lower().rstrip(".")
    if name == "localhost" or _is_within(name, "127.0.0.0/8") or _is_within(name, "::1/128"):
        return True
    listed = os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
    return any(_matches(name, port, entry.strip().lower()) for entry in listed.split(","))


def _matches(name: str, port: int, entry: str) -> bool:
    if not entry:
        return False
    if entry == "*" or _is_within(name, entry):
        return True
    domain, colon, only = entry.rpartition(":")
    if colon and only.isdecimal():
        return int(only) == port and _matches(name, port, domain)
    domain = entry.removeprefix("*")
    return name == domain.removeprefix(".") or name.endswith(f".{domain.removeprefix('.')}")


def _is_within(name: str, network: str) -> bool:
    try:
        return ip_address(name) in ip_network(network, strict=False)
    except ValueError:
        return False


def _identity(user: str | None, password: str | None) -> dict[str, str]:
    if not user:
        return {}
    pair = f"{unquote(user)}:{unquote(password or '')}".encode()
    return {"Proxy-Authorization": f"Basic {b64encode(pair).decode()}"}
