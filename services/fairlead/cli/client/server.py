"""One API server as it is spoken to: address, TLS, token."""

import base64
import binascii
import ssl
from pathlib import Path

import msgspec

from fairlead.cli.errors import SettingsError

MAX_PORT = 65535


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
    headers: tuple[str, ...] = ()
    retries: int = 0
    is_core: bool = False
    """Whether Kubernetes itself is spoken to, by these two."""
    kubeconfig: str = ""
    kube_context: str = ""

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
        trimmed = self.root_path.strip("/")
        return f"/{trimmed}" if trimmed else ""

    @property
    def url(self) -> str:
        """What a browser opens."""
        if self.plaintext:
            return f"http://{self.address}{self.base}"
        return f"https://{self.address.removesuffix(':443')}{self.base}"

    def header_pairs(self) -> list[tuple[str, str]]:
        """Further headers. Raises SettingsError for one without a colon."""
        pairs = []
        for header in self.headers:
            name, colon, value = header.partition(":")
            if not colon or not name.strip():
                raise SettingsError(f"additional headers must be colon(:)-separated: {header}")
            pairs.append((name.strip(), value.strip()))
        return pairs


def tls(server: Server) -> ssl.SSLContext:
    """The TLS settings of a server. Raises SettingsError for a file that cannot be used."""
    try:
        context = ssl.create_default_context(cafile=server.ca_file or None, cadata=_pem(server.ca_data))
        if server.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if server.client_cert_file:
            context.load_cert_chain(server.client_cert_file, server.client_key_file or None)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(f"certificate files cannot be used: {error}") from error
    return context


def normalized(address: str) -> str:
    """HOST[:PORT] of whatever a person gave, which may be a URL."""
    _, scheme, rest = address.rpartition("://")
    host = (rest if scheme else address).partition("/")[0]
    if not host or _split(host)[1] > MAX_PORT:
        raise SettingsError(f"'{address}' is no server address; give HOST[:PORT]")
    return host


def read_base64(path: str) -> str:
    """A file's content as the configuration keeps it. Raises SettingsError."""
    try:
        return base64.b64encode(Path(path).read_bytes()).decode()
    except OSError as error:
        raise SettingsError(f"cannot read {path}: {error.strerror}") from error


def _pem(encoded: str) -> str | None:
    if not encoded:
        return None
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise SettingsError("certificate-authority-data of the configuration is not base64 of PEM") from error


def _split(address: str) -> tuple[str, int]:
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdecimal():
        return address.strip("[]"), 0
    return host.strip("[]"), int(port)
