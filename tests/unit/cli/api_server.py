"""An API server that says what was recorded: a stand-in for the golden cases only.

The invariant: a request that was not recorded fails the test; answers are given in their order, and the
last one again and again.
"""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Answer = dict[str, Any]


class RecordedServer(ThreadingHTTPServer):
    """Answers by verb and path; `requests` lists what was asked: verb, path, query, body."""

    daemon_threads = True

    def __init__(self, answers: list[Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[tuple[str, str, dict[str, str], Any]] = []
        self.tokens: list[str] = []
        self.cookies: list[str] = []
        self._answers: dict[tuple[str, str], list[Answer]] = {}
        for answer in answers:
            self._answers.setdefault((answer["verb"], answer["path"]), []).append(answer)

    @property
    def address(self) -> str:
        """HOST:PORT."""
        return f"127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client may leave in the middle of a stream."""

    def answer(self, verb: str, path: str) -> Answer | None:
        """The next recorded answer, the last one for ever."""
        known = self._answers.get((verb, path))
        if not known:
            return None
        return known.pop(0) if len(known) > 1 else known[0]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: RecordedServer

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        self.server.requests.append((self.command, parts.path, dict(parse_qsl(parts.query)), body))
        self.server.tokens.append(self.headers.get("Authorization", ""))
        self.server.cookies.append(self.headers.get("Cookie", ""))
        found = self.server.answer(self.command, parts.path)
        if found is None:
            self._send(404, {"code": 5, "message": f"nothing recorded for {self.command} {parts.path}"})
        elif "lines" in found:
            self._stream(found["lines"])
        else:
            self._send(found.get("status", 200), found.get("body", {}))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - names that the library calls

    def _send(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _stream(self, lines: list[Any]) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for line in lines:
            content = json.dumps({"result": line}).encode() + b"\n"
            self.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@contextmanager
def recorded(answers: list[Answer]) -> Iterator[RecordedServer]:
    """A server that is listening."""
    server = RecordedServer(answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def over_tls(server: RecordedServer, certificate: str, key: str) -> None:
    """Let a server speak TLS with this certificate from now on."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
