"""Certificate service: whom repositories' servers are known by (contract 11.4, 11.5).

Certificates of TLS are bundles of PEM by host name; keys of SSH are lines of known_hosts.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import structlog
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

from fairlead.api_server.operations import authorize, config
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.matching.globs import matches

RESOURCE = "certificates"
HTTPS, SSH = "https", "ssh"
HOSTS_KEY = "ssh_known_hosts"
ANY = ("", "*")
MAX_ENTRIES = 1000
"""Entries of one request."""

_OTHERS = ("#", "@", "|")
"""What comments, markers and hashed hosts begin with."""
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_SSH_HOST = re.compile(r"\[[A-Za-z0-9.:-]+\]:\d{1,5}|[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?")
_SUB_TYPE = re.compile(r"[a-z0-9][a-z0-9@.-]{2,60}")
_ALGORITHMS: tuple[tuple[type, str], ...] = (
    (rsa.RSAPublicKey, "rsa"),
    (ec.EllipticCurvePublicKey, "ecdsa"),
    (ed25519.Ed25519PublicKey, "ed25519"),
    (ed448.Ed448PublicKey, "ed448"),
    (dsa.DSAPublicKey, "dsa"),
)

log = structlog.get_logger(__name__)


class CertificateQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Which entries: a glob of hosts, `https` or `ssh`, and a kind of key; empty fields do not narrow."""

    host_name_pattern: str = ""
    cert_type: str = ""
    cert_sub_type: str = ""


class Certificate(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One entry. `cert_data` is PEM, or the base64 of a known host's key."""

    server_name: str = ""
    cert_type: str = ""
    cert_sub_type: str = ""
    cert_data: bytes = b""
    cert_info: str = ""


class CertificateList(msgspec.Struct, frozen=True, kw_only=True):
    """Entries, known hosts first."""

    metadata: dict[str, str] = {}
    items: list[Certificate] = []


class CertificateCreate(msgspec.Struct, frozen=True, kw_only=True):
    """Entries to add; with `upsert` those that are there are replaced."""

    certificates: dict[str, Any] = {}
    upsert: bool = False


async def list_all(backend: Backend, caller: Caller, query: CertificateQuery) -> CertificateList:
    """The entries that a query means."""
    authorize.require(caller, RESOURCE, "get", "")
    return CertificateList(items=[entry for entry in _all(backend) if _is_meant(entry, query)])


async def create(backend: Backend, caller: Caller, request: CertificateCreate) -> CertificateList:
    """Add entries; those that were written."""
    authorize.require(caller, RESOURCE, "create", "")
    if request.upsert:
        authorize.require(caller, RESOURCE, "update", "")
    entries = _read(request.certificates)
    keys = [entry for entry in entries if entry.cert_type == SSH]
    bundles = [entry for entry in entries if entry.cert_type == HTTPS]
    written: dict[str, list[Certificate]] = {}

    def add_hosts(present: Mapping[str, str]) -> dict[str, str | None]:
        lines = list(_host_lines(present))
        written[SSH] = [entry for entry in keys if _add_host(lines, entry, upsert=request.upsert)]
        return {HOSTS_KEY: _text(present, lines)} if written[SSH] else {}

    def add_bundles(present: Mapping[str, str]) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        written[HTTPS] = []
        for entry in bundles:
            if _is_new(present, found, entry, upsert=request.upsert):
                found[entry.server_name] = entry.cert_data.decode()
                written[HTTPS].append(entry)
        return found

    if keys:
        await config.amend(backend, config.KNOWN_HOSTS, add_hosts)
    if bundles:
        await config.amend(backend, config.CERTIFICATES, add_bundles)
    return CertificateList(items=[*written.get(SSH, ()), *written.get(HTTPS, ())])


async def delete(backend: Backend, caller: Caller, query: CertificateQuery) -> CertificateList:
    """Take away the entries that a query means; those that went."""
    authorize.require(caller, RESOURCE, "delete", "")
    gone: dict[str, list[Certificate]] = {}

    def drop_hosts(present: Mapping[str, str]) -> dict[str, str | None]:
        lines = list(_host_lines(present))
        kept = [line for line in lines if not _is_meant(_host(line), query)]
        gone[SSH] = [_host(line) for line in lines if line not in kept]
        return {HOSTS_KEY: _text(present, kept)} if gone[SSH] else {}

    def drop_bundles(present: Mapping[str, str]) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        gone[HTTPS] = []
        for host, bundle in sorted(present.items()):
            entries = list(_of_bundle(host, bundle))
            if all(_is_meant(entry, query) for entry in entries):
                found[host] = None
                gone[HTTPS] += entries
        return found

    if query.cert_type in (*ANY, SSH):
        await config.amend(backend, config.KNOWN_HOSTS, drop_hosts)
    if query.cert_type in (*ANY, HTTPS):
        await config.amend(backend, config.CERTIFICATES, drop_bundles)
    return CertificateList(items=[*gone.get(SSH, ()), *gone.get(HTTPS, ())])


def _all(backend: Backend) -> Iterator[Certificate]:
    hosts = config.data_of(backend, config.KNOWN_HOSTS)
    yield from sorted(map(_host, _host_lines(hosts)), key=lambda one: (one.server_name, one.cert_sub_type))
    for host, bundle in sorted(config.data_of(backend, config.CERTIFICATES).items()):
        yield from _of_bundle(host, bundle)


def _is_meant(entry: Certificate, query: CertificateQuery) -> bool:
    return (
        query.cert_type in (*ANY, entry.cert_type)
        and query.cert_sub_type.lower() in (*ANY, entry.cert_sub_type.lower())
        and (query.host_name_pattern in ANY or matches(query.host_name_pattern, entry.server_name))
    )


def _read(given: dict[str, Any]) -> list[Certificate]:
    try:
        entries = msgspec.convert(given.get("items") or [], list[Certificate])
    except msgspec.ValidationError as error:
        raise RefusalError(Code.INVALID_ARGUMENT, f"the certificates cannot be read: {error}") from None
    if len(entries) > MAX_ENTRIES:
        raise RefusalError(Code.INVALID_ARGUMENT, f"there are more than {MAX_ENTRIES} certificates")
    for entry in entries:
        if entry.cert_type not in (HTTPS, SSH):
            raise RefusalError(Code.UNKNOWN, f"unknown certificate type: {entry.cert_type}")
        pattern = _HOST if entry.cert_type == HTTPS else _SSH_HOST
        if pattern.fullmatch(entry.server_name) is None:
            raise RefusalError(Code.UNKNOWN, f"invalid hostname in request: {entry.server_name}")
        if entry.cert_type == HTTPS:
            _require_certificates(entry)
        else:
            _require_key(entry)
    return entries


def _require_certificates(entry: Certificate) -> None:
    try:
        found = x509.load_pem_x509_certificates(entry.cert_data)
        entry.cert_data.decode()
    except ValueError:
        found = []
    if not found:
        text = f"no valid PEM certificate was sent for server '{entry.server_name}'"
        raise RefusalError(Code.UNKNOWN, text)


def _require_key(entry: Certificate) -> None:
    kind = entry.cert_sub_type
    try:
        blob = base64.b64decode(entry.cert_data.strip(), validate=True)
        is_its = blob[4 : 4 + int.from_bytes(blob[:4], "big")] == kind.encode()
    except (binascii.Error, UnicodeEncodeError):
        is_its = False
    if not is_its or _SUB_TYPE.fullmatch(kind) is None:
        text = f"the data for '{entry.server_name}' is no SSH host key of type '{kind}'"
        raise RefusalError(Code.UNKNOWN, text)


def _add_host(lines: list[str], entry: Certificate, *, upsert: bool) -> bool:
    """Put a known host into the lines; whether they changed."""
    key = entry.cert_data.decode().strip()
    line = f"{entry.server_name} {entry.cert_sub_type} {key}"
    for place, present in enumerate(lines):
        host, kind, _ = present.split(" ", 2)
        if (host, kind) == (entry.server_name, entry.cert_sub_type):
            if present == line:
                return False
            if not upsert:
                text = f"key for '{host}' (subtype: '{kind}') already exists, and upsert was not specified"
                raise RefusalError(Code.UNKNOWN, text)
            lines[place] = line
            return True
    lines.append(line)
    return True


def _is_new(
    present: Mapping[str, str], found: Mapping[str, str | None], entry: Certificate, *, upsert: bool
) -> bool:
    before = found.get(entry.server_name) or present.get(entry.server_name)
    if before is not None and before != entry.cert_data.decode() and not upsert:
        text = (
            f"TLS certificate for server '{entry.server_name}' already exists, and upsert was not specified"
        )
        raise RefusalError(Code.UNKNOWN, text)
    return before != entry.cert_data.decode()


def _host_lines(data: Mapping[str, str]) -> Iterator[str]:
    """The entries `host type key`, one for each host of a line."""
    for text in data.get(HOSTS_KEY, "").splitlines():
        words = text.split()
        if len(words) > 2 and not text.startswith(_OTHERS):
            for host in words[0].split(","):
                yield f"{host} {words[1]} {words[2]}"


def _host(line: str) -> Certificate:
    host, kind, key = line.split(" ", 2)
    try:
        digest = hashlib.sha256(base64.b64decode(key)).digest()
        info = f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"
    except binascii.Error:
        info = ""
    return Certificate(server_name=host, cert_type=SSH, cert_sub_type=kind, cert_info=info)


def _text(present: Mapping[str, str], lines: list[str]) -> str:
    """All of the value: what is no entry of ours to read stays in front."""
    others = [text for text in present.get(HOSTS_KEY, "").splitlines() if text.startswith(_OTHERS)]
    return "".join(f"{line}\n" for line in (*others, *lines))


def _of_bundle(host: str, bundle: str) -> Iterator[Certificate]:
    """Each certificate of a bundle; one that cannot be read is shown as nothing in particular."""
    try:
        found = x509.load_pem_x509_certificates(bundle.encode())
    except ValueError:
        yield Certificate(server_name=host, cert_type=HTTPS)
        return
    for certificate in dict.fromkeys(found):
        key = certificate.public_key()
        kind = next((name for type_, name in _ALGORITHMS if isinstance(key, type_)), "")
        subject = certificate.subject.rfc4514_string()
        yield Certificate(server_name=host, cert_type=HTTPS, cert_sub_type=kind, cert_info=subject)
