"""A connection to an SSH server, or to the proxy before it.

Invariant: what is connected to was checked: each address of the host, or of the proxy, which then looks up
the host's name by itself.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import socket
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit

from fairlead.git.errors import GitTransientError, UrlRefusedError, plain
from fairlead.git.reach import as_git_errors
from fairlead.git.urls import SshTarget
from fairlead.matching.networks import Networks
from fairlead.outbound.names import check_literal, reachable

CONNECT_SECONDS = 10.0
"""Seconds for connecting, shared by the addresses of a host."""
MAX_ADDRESSES = 4
"""Addresses of one host that are tried."""
MAX_HEAD = 4096
"""Bytes that a proxy may answer before the server's first."""

_PORTS = {"socks5": 1080, "socks5h": 1080, "http": 80}
_SOCKS_REFUSALS = {
    1: "it failed",
    2: "its rules forbid it",
    3: "the network cannot be reached",
    4: "the host cannot be reached",
    5: "the connection was refused",
    6: "it took too long",
}


async def dial(target: SshTarget, networks: Networks, proxy: str = "") -> socket.socket:
    """Connect to a server, through a proxy when one is named.

    Raises:
        UrlRefusedError: an address that nothing is fetched from, or a proxy that is none.
        GitTransientError: nobody answers.
    """
    if not proxy:
        return await _connected(target.host, target.port, networks)
    way = _proxy(proxy)
    with as_git_errors():
        check_literal(target.host, networks)
    host, port = way.hostname or "", way.port or _PORTS[way.scheme]
    sock = await _connected(host, port, networks)
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            if way.scheme == "http":
                await _connect_http(sock, way, target)
            else:
                await _connect_socks(sock, way, target)
    except (OSError, EOFError, TimeoutError) as error:
        sock.close()
        why = str(error) or "it does not answer"
        raise GitTransientError(
            f"could not reach the SSH server through the proxy at {host}:{port}: {why}"
        ) from error
    except BaseException:
        sock.close()
        raise
    return sock


async def _connected(host: str, port: int, networks: Networks) -> socket.socket:
    with as_git_errors():
        addresses = (await reachable(host, port, networks))[:MAX_ADDRESSES]
    why = ""
    for address in addresses:
        sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            async with asyncio.timeout(CONNECT_SECONDS / len(addresses)):
                await asyncio.get_running_loop().sock_connect(sock, (address, port))
        except (OSError, TimeoutError) as error:
            sock.close()
            why = f"{address}: {str(error) or 'no answer'}"
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise GitTransientError(f"could not reach the SSH server: {why}")


def _proxy(proxy: str) -> SplitResult:
    with contextlib.suppress(ValueError):
        parts = urlsplit(proxy)
        if parts.scheme in _PORTS and parts.hostname and (parts.port is None or parts.port):
            return parts
    raise UrlRefusedError("over SSH a proxy is socks5://host:port or http://host:port")


async def _connect_http(sock: socket.socket, way: SplitResult, target: SshTarget) -> None:
    host = f"[{target.host}]" if ":" in target.host else target.host
    lines = [f"CONNECT {host}:{target.port} HTTP/1.1", f"Host: {host}:{target.port}"]
    if way.username or way.password:
        told = f"{unquote(way.username or '')}:{unquote(way.password or '')}"
        lines.append(f"Proxy-Authorization: Basic {base64.b64encode(told.encode()).decode()}")
    await _send(sock, "".join(f"{line}\r\n" for line in (*lines, "")).encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += await _receive(sock, 1)  # what follows is the SSH server's
        if len(head) > MAX_HEAD:
            raise OSError("its answer has no end")
    status = head.split(b"\r\n", 1)[0].decode(errors="replace")
    if status.split(" ")[1:2] != ["200"]:
        raise OSError(f"it answers {plain(status)[:100]!r}")


async def _connect_socks(sock: socket.socket, way: SplitResult, target: SshTarget) -> None:
    user, password = unquote(way.username or "").encode(), unquote(way.password or "").encode()
    await _send(sock, b"\x05\x02\x00\x02" if user else b"\x05\x01\x00")
    method = (await _receive(sock, 2))[1]
    if method == 2 and user:
        await _send(sock, b"\x01" + _counted(user) + _counted(password))
        if (await _receive(sock, 2))[1]:
            raise OSError("it does not take the name and password")
    elif method:
        raise OSError("it wants another name and password")
    await _send(sock, b"\x05\x01\x00" + _socks_address(target.host) + target.port.to_bytes(2, "big"))
    version, refused, _, kind = await _receive(sock, 4)
    if version != 5:
        raise OSError("it does not speak SOCKS 5")
    if refused:
        raise OSError(_SOCKS_REFUSALS.get(refused, f"refusal {refused}"))
    size = {1: 4, 4: 16}.get(kind) or (await _receive(sock, 1))[0]
    await _receive(sock, size + 2)


def _socks_address(host: str) -> bytes:
    try:
        address = ip_address(host)
    except ValueError:
        return b"\x03" + _counted(host.encode("idna"))
    return (b"\x01" if address.version == 4 else b"\x04") + address.packed


def _counted(text: bytes) -> bytes:
    if len(text) > 255:
        raise OSError("a name or password of more than 255 bytes")
    return bytes([len(text)]) + text


async def _send(sock: socket.socket, data: bytes) -> None:
    await asyncio.get_running_loop().sock_sendall(sock, data)


async def _receive(sock: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        more = await asyncio.get_running_loop().sock_recv(sock, size - len(found))
        if not more:
            raise EOFError("it hung up")
        found += more
    return found
