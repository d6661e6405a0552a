"""Requests to one API server over one connection, and what its refusals mean.

The invariant: a failure leaves here as a CliError whose words say what to try; nothing above knows sockets.
"""

import http.client
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from urllib.parse import unquote

import msgspec

from fairlead.cli.client.line import line_to
from fairlead.cli.client.server import Server, sound
from fairlead.cli.client.silence import SilenceError
from fairlead.cli.errors import UNAUTHENTICATED, CliError, RefusedError, UnreachableError

ANSWER_SECONDS = 90.0
"""How long an answer may take; a refresh may render for 60 s."""
LAST_SECONDS = 1.0
USER_AGENT = "fairlead-cli"
JSON = "application/json"
MAX_ANSWER = 256 << 20
"""Bytes of one answer."""
PIECE = 256 << 10
"""Bytes of a stream that are read at once."""
MAX_LINE = 32 << 20
"""Bytes of one event of a stream."""
_HTTP_CODES = {400: 3, 401: 16, 403: 7, 404: 5, 408: 1, 409: 10, 429: 8, 501: 12, 503: 14, 504: 4}

_ADVICE: tuple[tuple[type[Exception], str], ...] = (
    (ssl.SSLError, "it does not answer in TLS; add --plaintext if it speaks none"),
    (socket.gaierror, "its name is unknown; check the address"),
    (UnicodeError, "its name cannot be one; check the address"),
    (ConnectionRefusedError, "nothing listens there; check the address and that the server runs"),
    (TimeoutError, "it did not answer in time; check the address and the network"),
    (http.client.HTTPException, "what answers is no API server; leave out --plaintext if it speaks TLS"),
    (ConnectionError, "it closed the connection; leave out --plaintext if it speaks TLS"),
)


class Refusal(msgspec.Struct):
    """The body of an error."""

    code: int = -1
    message: str = ""
    error: str = ""


class Transport:
    """One server, one token; the connection is made on first use and kept.

    No answer is waited for behind the `deadline`, in seconds of `time.monotonic`; what is asked when it has
    passed is given LAST_SECONDS.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self.deadline: float | None = None
        self._headers: dict[str, str] = {}
        self._connection: http.client.HTTPConnection | None = None

    def close(self) -> None:
        """Leave the server."""
        self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def call(self, verb: str, target: str, body: bytes | None = None, *, content_type: str = JSON) -> bytes:
        """The answer's body. `target` is path and query. Raises CliError."""
        is_fresh = self._connection is None
        try:
            answer = self._exchange(verb, target, body, content_type)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as error:
            if is_fresh and verb != "GET":
                raise self._explained(error) from error
            self._drop()
            answer = self._exchange_wrapped(verb, target, body, content_type)
        except (OSError, http.client.HTTPException) as error:
            raise self._explained(error) from error
        return answer

    def end_session(self, token: str) -> None:
        """Revoke a token the way a browser does, by its cookie; any answer but a refusal is success."""
        cookie = f"argocd.token={sound(token)}"
        connection = self._open()
        try:
            headers = {"Cookie": cookie, "Content-Type": "application/json"}
            connection.request("POST", f"{self.server.base}/auth/logout", headers=headers)
            response = connection.getresponse()
            content = _read(response)
        except (OSError, http.client.HTTPException) as error:
            raise self._explained(error) from error
        finally:
            connection.close()
        if response.status >= 400:
            raise _refusal(response, content)

    def stream(self, target: str, silence: Callable[[], float]) -> Iterator[bytes]:
        """Lines of an endless answer, on a connection of its own.

        Raises SilenceError after `silence()` seconds without a line; CliError when it cannot be opened, or
        breaks off instead of ending.
        """
        connection = self._open()
        try:
            try:
                connection.sock.settimeout(self._patience())
                response = self._send(connection, "GET", target, None)
            except (OSError, http.client.HTTPException) as error:
                raise self._explained(error) from error
            if response.status != 200:
                raise _refusal(response, _read(response))
            yield from _lines(connection, response, silence)
        finally:
            connection.close()

    def _exchange_wrapped(self, verb: str, target: str, body: bytes | None, content_type: str) -> bytes:
        try:
            return self._exchange(verb, target, body, content_type)
        except (OSError, http.client.HTTPException) as error:
            raise self._explained(error) from error

    def _exchange(self, verb: str, target: str, body: bytes | None, content_type: str) -> bytes:
        if self._connection is None:
            self._connection = self._connect()
        try:
            self._connection.sock.settimeout(self._patience())
            response = self._send(self._connection, verb, target, body, content_type)
            content = _read(response)
        except (OSError, http.client.HTTPException):
            self._drop()
            raise
        if response.will_close:
            self._drop()
        if response.status >= 300:
            raise _refusal(response, content)
        if response.getheader("Grpc-Status", "0") != "0":
            raise RefusedError(
                int(response.headers["Grpc-Status"]), unquote(response.getheader("Grpc-Message", ""))
            )
        return content

    def _patience(self) -> float:
        """Seconds that an answer may take."""
        if self.deadline is None:
            return ANSWER_SECONDS
        return min(ANSWER_SECONDS, max(self.deadline - time.monotonic(), LAST_SECONDS))

    def _connect(self) -> http.client.HTTPConnection:
        for attempt in range(self.server.retries):
            try:
                return self._open()
            except UnreachableError:
                time.sleep(min(0.5 * 2**attempt, 5.0))
        return self._open()

    def line(self) -> http.client.HTTPConnection:
        """A connection to the server, not made yet."""
        return line_to(self.server)

    def _open(self) -> http.client.HTTPConnection:
        self._headers = self._common_headers()
        connection = self.line()
        try:
            connection.connect()
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            connection.close()
            raise self._explained(error) from error
        connection.sock.settimeout(ANSWER_SECONDS)
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return connection

    def _common_headers(self) -> dict[str, str]:
        """What every request says. Raises SettingsError for what no header can hold."""
        headers = {"Accept": "application/json", "User-Agent": USER_AGENT}
        if self.server.token:
            headers["Authorization"] = f"Bearer {sound(self.server.token)}"
        return {**headers, **dict(self.server.header_pairs())}

    def _send(
        self,
        connection: http.client.HTTPConnection,
        verb: str,
        target: str,
        body: bytes | None,
        content_type: str = JSON,
    ) -> http.client.HTTPResponse:
        headers = dict(self._headers)
        if verb != "GET":
            headers["Content-Type"] = content_type
        connection.request(verb, self.server.base + target, body=body, headers=headers)
        return connection.getresponse()

    def _explained(self, error: Exception) -> CliError:
        if isinstance(error, ssl.SSLCertVerificationError):
            why = f"its certificate is not trusted ({error.verify_message})"
            return self._unreachable(f"{why}; give --server-crt FILE, or --insecure to trust it unseen")
        for kind, advice in _ADVICE:
            if isinstance(error, kind):
                return self._unreachable(advice)
        return self._unreachable(str(error))

    def _unreachable(self, why: str) -> UnreachableError:
        return UnreachableError(f"cannot talk to {self.server.address}: {why}")


def _read(response: http.client.HTTPResponse) -> bytes:
    content = response.read(MAX_ANSWER + 1)
    if len(content) > MAX_ANSWER:
        raise UnreachableError(f"an answer is longer than {MAX_ANSWER >> 20} MiB")
    return content


def _lines(
    connection: http.client.HTTPConnection, response: http.client.HTTPResponse, silence: Callable[[], float]
) -> Iterator[bytes]:
    """Read by pieces and not by lines: what reads lines takes a stream that was cut for one that ended."""
    rest = b""
    while True:
        connection.sock.settimeout(silence())
        try:
            piece = response.read1(PIECE)
        except TimeoutError as error:
            raise SilenceError from error
        except (OSError, http.client.HTTPException) as error:
            raise UnreachableError("the stream broke off") from error
        *lines, rest = (rest + piece).split(b"\n")
        if len(rest) > MAX_LINE:
            raise UnreachableError(f"an event of the stream is longer than {MAX_LINE >> 20} MiB")
        yield from (line for line in lines if line.strip())
        if not piece:
            if rest.strip():
                yield rest
            return


def _refusal(response: http.client.HTTPResponse, content: bytes) -> CliError:
    if response.status in (301, 302, 307, 308):
        where = response.getheader("Location", "")
        return UnreachableError(f"the server sends us to {where}; leave out --plaintext if that is https")
    try:
        said = msgspec.json.decode(content, type=Refusal)
    except msgspec.MsgspecError:
        said = Refusal()
    code = said.code if said.code >= 0 else _HTTP_CODES.get(response.status, 2)
    words = said.message or said.error or f"{response.status} {response.reason}"
    refused = RefusedError(code, words)
    if code == UNAUTHENTICATED:
        refused.hint = "log in first: `login SERVER`, or `relogin` for the current one"
    return refused
