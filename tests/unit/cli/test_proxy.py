"""Servers that are reached through a proxy, as the environment says."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from fairlead.cli.client import Server
from fairlead.cli.client.line import _is_exempt, line_to
from fairlead.cli.client.transport import Transport
from fairlead.cli.errors import SettingsError, UnreachableError
from tests.unit.cli.api_server import recorded

VERSION = {"verb": "GET", "path": "/api/version", "body": {"Version": "v3"}}


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(65536):
            sink.sendall(chunk)


@contextmanager
def proxy(target: str, answer: bytes = b"200 OK") -> Iterator[tuple[str, list[bytes]]]:
    """A proxy that leads wherever it is asked to `target`; its address, and what it was asked."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    head += connection.recv(4096)
                asked.append(head)
                connection.sendall(b"HTTP/1.1 " + answer + b"\r\n\r\n")
                if not answer.startswith(b"200"):
                    return
                host, _, port = target.partition(":")
                with socket.create_connection((host, int(port))) as line:
                    threading.Thread(target=pump, args=(line, connection), daemon=True).start()
                    pump(connection, line)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}", asked
        thread.join(30)


def test_a_server_is_asked_through_the_proxy_with_its_name_and_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with recorded([VERSION]) as server, proxy(server.address) as (address, asked):
        monkeypatch.setenv("HTTP_PROXY", f"http://me:pa%20ss@{address}")
        transport = Transport(Server(address="cd.example.com:80", plaintext=True))
        assert b"v3" in transport.call("GET", "/api/version")
        transport.close()
    assert asked[0].startswith(b"CONNECT cd.example.com:80 HTTP/1.")
    assert b"Proxy-Authorization: Basic bWU6cGEgc3M=" in asked[0]


def test_a_proxy_that_refuses_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with proxy("", b"403 Forbidden") as (address, _):
        monkeypatch.setenv("https_proxy", address)
        with pytest.raises(UnreachableError, match="403 Forbidden"):
            Transport(Server(address="cd.example.com")).call("GET", "/api/version")


def test_a_proxy_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:1")
    with pytest.raises(SettingsError, match="not http://HOST:PORT"):
        Transport(Server(address="cd.example.com")).call("GET", "/api/version")


@pytest.mark.parametrize(
    ("host", "listed", "expected"),
    [
        ("localhost", "", True),
        ("127.0.0.5", "", True),
        ("::1", "", True),
        ("cd.example.com", "", False),
        ("cd.example.com", "*", True),
        ("cd.example.com", "example.com", True),
        ("cd.example.com", " .EXAMPLE.com ", True),
        ("cd.example.com", "*.example.com", True),
        ("cd.example.com", "ample.com", False),
        ("cd.example.com", "example.com:8080", False),
        ("cd.example.com", "example.com:443", True),
        ("10.1.2.3", "10.0.0.0/8", True),
        ("11.1.2.3", "10.0.0.0/8,,nonsense/", False),
    ],
)
def test_exceptions_are_named_by_host_domain_port_and_range(
    host: str, listed: str, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", listed)
    assert _is_exempt(host, 443) is expected


@pytest.mark.parametrize("address", ["http://user:hunter2/x@proxy:80", "http://[", "http://proxy:99999"])
def test_a_proxy_that_cannot_be_read_is_told_without_its_password(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", address)
    with pytest.raises(SettingsError, match="the proxy of the environment") as told:
        line_to(Server(address="argo.example"))
    assert "hunter2" not in str(told.value)
