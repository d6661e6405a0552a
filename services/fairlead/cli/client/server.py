"""One API server as it is spoken to: address, TLS, token."""

from __future__ import annotations

import base64
import binascii
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from fairlead.cli.errors import SettingsError

if TYPE_CHECKING:
    import ssl

MAX_PORT = 65535
_ADDRESS = re.compile(r"(\[[^\s\[\]@]+\]|[^\s:@\[\]]+)(:[0-9]+)?")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")
"""What a header's name and value may hold; anything else would be another header."""


class Forwarded(msgspec.Struct, frozen=True, kw_only=True):
    """A pod by its name label, in a namespace or in that of the kubeconfig's context."""

    name: str
    namespace: str = ""


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """Where a server is and how to speak to it. Files and PEM texts may be absent."""

    address: str
    plaintext: bool = False
    insecure: bool = False
    root_path: str = ""
    token: str = ""
    ca_file: str = ""
    ca_data: str = ""
    client_cert_file: str = ""
    client_key_file: str = ""
    client_cert_data: str = ""
    client_key_data: str = ""
    headers: tuple[str, ...] = ()
    retries: int = 0
    is_core: bool = False
    """Whether Kubernetes itself is spoken to."""
    kube_context: str = ""
    forwarded: Forwarded | None = None
    """The pod that is reached in place of an address, through Kubernetes."""

    def __repr__(self) -> str:
        return f"Server(address={self.address!r})"

    @property
    def host(self) -> str:
        """Name or number of the machine, without brackets."""
        return _split(self.address)[0]

    @property
    def port(self) -> int:
        """The port; 80 or 443 when the address names none."""
        return _split(self.address)[1] or (80 if self.plaintext else 443)

    @property
    def base(self) -> str:
        """Path before every path of the API, without a slash at its end."""
        trimmed = quote(self.root_path.strip("/"), safe="/%")
        return f"/{trimmed}" if trimmed else ""

    @property
    def url(self) -> str:
        """What a browser opens."""
        if self.plaintext:
            return f"http://{self.address}{self.base}"
        return f"https://{self.address.removesuffix(':443')}{self.base}"

    def header_pairs(self) -> list[tuple[str, str]]:
        """Further headers. Raises SettingsError for one without a colon, or with what no header can hold."""
        pairs = []
        for header in self.headers:
            name, colon, value = (part.strip() for part in header.partition(":"))
            if not colon or not name:
                raise SettingsError(f"additional headers must be colon(:)-separated: {header}")
            if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
                raise SettingsError(f"the header {name!r} holds a character that no header can have")
            pairs.append((name, value))
        return pairs


def sound(token: str) -> str:
    """The token, if it can be one. Raises SettingsError, in which it is not shown."""
    if not token.isascii() or not token.isprintable() or " " in token:
        raise SettingsError("the token holds a character that no token has; was it cut or quoted?")
    return token


def tls(server: Server) -> ssl.SSLContext:
    """The TLS settings of a server, which may be known to an authority of ours beside those of the system.

    Strict X.509 is left off: certificates that servers make for themselves lack the extensions it asks for.
    Raises SettingsError for a file that cannot be used.
    """
    import ssl

    try:
        context = ssl.create_default_context()
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if server.ca_file or server.ca_data:
            context.load_verify_locations(cafile=server.ca_file or None, cadata=_pem(server.ca_data))
        if server.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if server.client_cert_file:
            context.load_cert_chain(server.client_cert_file, server.client_key_file or None)
        elif server.client_cert_data:
            _load_pair(context, server.client_cert_data, server.client_key_data)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(f"certificate files cannot be used: {error}") from error
    return context


def normalized(address: str) -> str:
    """HOST[:PORT] of whatever a person gave, which may be a URL."""
    _, scheme, rest = address.rpartition("://")
    host = (rest if scheme else address).partition("/")[0]
    if host.count(":") > 1 and not host.startswith("["):
        host = f"[{host}]"
    if not _ADDRESS.fullmatch(host) or _split(host)[1] > MAX_PORT:
        raise SettingsError(f"'{address}' is no server address; give HOST[:PORT]")
    return host


def read_base64(path: str) -> str:
    """A file's content as the configuration keeps it. Raises SettingsError."""
    try:
        return base64.b64encode(Path(path).read_bytes()).decode()
    except OSError as error:
        raise SettingsError(f"cannot read {path}: {error.strerror}") from error


def _load_pair(context: ssl.SSLContext, certificate: str, key: str) -> None:
    """`ssl` reads pairs from files only; this one is readable by us alone, and gone at once."""
    import tempfile

    with tempfile.NamedTemporaryFile("w", prefix="fairlead-") as pair:
        texts = (
            _pem(certificate, "client-certificate-data"),
            _pem(key, "client-certificate-key-data"),
        )
        pair.writelines(f"{(text or '').rstrip()}\n" for text in texts)
        pair.flush()
        context.load_cert_chain(pair.name)


def _pem(encoded: str, field: str = "certificate-authority-data") -> str | None:
    if not encoded:
        return None
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise SettingsError(f"{field} of the configuration is not base64 of PEM") from error


def _split(address: str) -> tuple[str, int]:
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdecimal():
        return address.strip("[]"), 0
    return host.strip("[]"), int(port)
