"""`extension.config` of argocd-cm: services behind the api-server that pages and people may ask (11.1).

Why: each extension stands for itself, so that a wrong one is left out and said, and the others go on.
Invariant: what is read is whole and bounded; a name means one extension, or none when it is given twice.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn
from urllib.parse import urlsplit

import msgspec

from fairlead.model.duration import DurationError, parse_duration
from fairlead.settings.reading import Reader

KEY = "extension.config"
MAX_EXTENSIONS = 100
MAX_SERVICES = 200
"""Of one extension."""
MAX_HEADERS = 50
"""Of one service."""
LONGEST = 300.0
"""Seconds of a duration."""
MAX_IDLE = 1000
"""Connections that are kept."""
RESERVED = "argocd-"
"""How names of headers begin that the api-server alone writes."""
OF_THE_CONNECTION = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers that are about one connection, not about what is sent over it."""
SHOWN = 60
"""Characters of a bad value that are told."""
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PRINTED = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")


class ExtensionHeader(msgspec.Struct, frozen=True):
    """A header that is added. Its value may be a secret, or lead to one (`$key`): it is never printed."""

    name: str
    value: str

    def __repr__(self) -> str:
        return f"ExtensionHeader(name={self.name!r})"


class ExtensionService(msgspec.Struct, frozen=True, kw_only=True):
    """A backend, and the cluster whose applications it is for."""

    url: str
    headers: tuple[ExtensionHeader, ...] = ()
    cluster_name: str = ""
    cluster_server: str = ""


class ProxyExtension(msgspec.Struct, frozen=True, kw_only=True):
    """One extension; times are seconds."""

    name: str
    connect_seconds: float = 2.0
    keep_alive_seconds: float = 15.0
    idle_seconds: float = 60.0
    max_idle: int = 30
    services: tuple[ExtensionService, ...] = ()

    def service_for(self, cluster_name: str, cluster_server: str) -> ExtensionService | None:
        """The backend for an application's cluster; the only one there is for every cluster."""
        if len(self.services) == 1:
            return self.services[0]
        by_name = (one for one in self.services if cluster_name and one.cluster_name == cluster_name)
        by_server = (one for one in self.services if cluster_server and one.cluster_server == cluster_server)
        return next(by_name, None) or next(by_server, None)


class _WrongError(Exception):
    """An extension cannot be used; the words say why."""


def proxy_extensions(read: Reader) -> tuple[ProxyExtension, ...]:
    """The extensions that can be used. What is wrong is said of each, by its key."""
    declared = list(_declared(read))
    times = Counter(name for _, name, _ in declared)
    found: list[ProxyExtension] = []
    for key, name, backend in declared:
        try:
            if not _NAME.fullmatch(name):
                _wrong("has a name with other characters than letters, digits, - and _")
            if times[name] > 1:
                _wrong("is named more than once, so none of them is used")
            if len(found) == MAX_EXTENSIONS:
                _wrong(f"is beyond the first {MAX_EXTENSIONS}")
            found.append(_extension(name, backend))
        except _WrongError as error:
            read.complain(key, f"extension {name[:SHOWN]!r} {error}")
    return tuple(found)


def _declared(read: Reader) -> Iterator[tuple[str, str, Any]]:
    """The key, name and backend of each, right or wrong."""
    whole = read.document(KEY)
    items = whole.get("extensions") if isinstance(whole, dict) else None
    if whole is not None and not isinstance(items, list):
        read.complain(KEY, "has no list `extensions`")
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and isinstance(item.get("name"), str):
            yield KEY, item["name"], item.get("backend")
        else:
            read.complain(KEY, "has an extension without a name")
    for key in sorted(read.keys()):
        if key.startswith(f"{KEY}."):
            backend = read.document(key)
            if backend is not None:
                yield key, key.removeprefix(f"{KEY}."), backend


def _extension(name: str, backend: Any) -> ProxyExtension:
    given = _fields(
        backend,
        "its backend",
        ("connectionTimeout", "keepAlive", "idleConnectionTimeout", "maxIdleConnections", "services"),
    )
    services = given.get("services")
    if not isinstance(services, list) or not 0 < len(services) <= MAX_SERVICES:
        _wrong(f"has no list of services, or more than {MAX_SERVICES}")
    usual = ProxyExtension(name=name)
    return ProxyExtension(
        name=name,
        connect_seconds=_seconds(given, "connectionTimeout", usual.connect_seconds),
        keep_alive_seconds=_seconds(given, "keepAlive", usual.keep_alive_seconds),
        idle_seconds=_seconds(given, "idleConnectionTimeout", usual.idle_seconds),
        max_idle=_idle(given.get("maxIdleConnections"), usual.max_idle),
        services=tuple(_service(one, is_alone=len(services) == 1) for one in services),
    )


def _service(given: Any, *, is_alone: bool) -> ExtensionService:
    fields = _fields(given, "a service", ("url", "headers", "cluster"))
    cluster = _fields(fields.get("cluster") or {}, "the cluster of a service", ("name", "server"))
    name, server = (_text(cluster.get(key)) for key in ("name", "server"))
    if not is_alone and not (name or server):
        _wrong("has several services, and one of them no cluster by name or server")
    headers = fields.get("headers") or []
    if not isinstance(headers, list) or len(headers) > MAX_HEADERS:
        _wrong(f"has headers that are no list of at most {MAX_HEADERS}")
    return ExtensionService(
        url=_address(_text(fields.get("url"))),
        headers=tuple(map(_header, headers)),
        cluster_name=name,
        cluster_server=server.rstrip("/"),
    )


def _header(given: Any) -> ExtensionHeader:
    fields = _fields(given, "a header", ("name", "value"))
    name, value = (_text(fields.get(key)) for key in ("name", "value"))
    if not _TOKEN.fullmatch(name) or not value or not _PRINTED.fullmatch(value):
        _wrong(f"has a header {name[:SHOWN]!r} whose name or value is missing or cannot be sent")
    if name.lower().startswith(RESERVED) or name.lower() in OF_THE_CONNECTION:
        _wrong(f"has a header {name[:SHOWN]!r}, which is not to be configured")
    return ExtensionHeader(name, value)


def _address(text: str) -> str:
    try:
        parts = urlsplit(text)
        is_sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_sound = False
    if not is_sound or not text.isprintable() or " " in text:
        _wrong("has a service without an address that begins with http:// or https://")
    if parts.query or parts.fragment or "@" in parts.netloc:
        _wrong("has a service whose address has a user, a query or a fragment")
    return text.rstrip("/")


def _fields(given: Any, what: str, known: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        _wrong(f"has {what} that is no map")
    for key in given:
        if key not in known:
            _wrong(f"has {what} with {str(key)[:SHOWN]!r}, which is not known")
    return given


def _text(given: Any) -> str:
    return given.strip() if isinstance(given, str) else ""


def _seconds(fields: Mapping[str, Any], key: str, usual: float) -> float:
    given = fields.get(key)
    if given is None:
        return usual
    try:
        seconds = parse_duration(given) if isinstance(given, str) else 0.0
    except DurationError:
        seconds = 0.0
    if not 0 < seconds <= LONGEST:
        _wrong(f"has {key} {str(given)[:SHOWN]!r}, which is no duration such as 2s, up to {LONGEST:g}s")
    return seconds


def _idle(given: Any, usual: int) -> int:
    if given is None:
        return usual
    if isinstance(given, bool) or not isinstance(given, int) or not 0 < given <= MAX_IDLE:
        _wrong(f"has maxIdleConnections {str(given)[:SHOWN]!r}, which is no number from 1 to {MAX_IDLE}")
    return given


def _wrong(words: str) -> NoReturn:
    raise _WrongError(words)
