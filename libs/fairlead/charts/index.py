"""What a chart repository offers.

Invariant: a chart's versions are read when they are asked for, each chart once; what cannot be read of one
chart is no other's failure.
"""

import asyncio
import functools
import hashlib
from collections.abc import Callable, Iterable

import msgspec

from fairlead.charts import documents
from fairlead.charts.documents import Fields
from fairlead.charts.entries import quick
from fairlead.charts.errors import ChartContentError, ChartNotFoundError
from fairlead.charts.scan import spans
from fairlead.git.semver import Version, parse_version

MAX_INDEX = 64 << 20
"""Bytes of an index."""
MAX_ENTRY = 8 << 20
"""Bytes of one chart in it: tens of thousands of versions."""
MAX_FOREIGN = 8 << 20
"""Bytes of an index that is not in the form Helm writes, and so has to be read whole."""
_LOWEST = Version((-1, 0, 0))


class ChartVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version, as an index has it. `digest` is sha256 in hex digits, or "" where none is told."""

    name: str
    version: str
    urls: tuple[str, ...] = ()
    digest: str = ""
    app_version: str = ""
    description: str = ""
    created: str = ""
    deprecated: bool = False


Versions = tuple[ChartVersion, ...]
_Reader = Callable[[], Iterable[Fields]]


class _Document(msgspec.Struct):
    entries: dict[str, msgspec.Raw] | None = None


class Index:
    """An index; `etag` is the server's mark of it, "" where it has none, and `digest` that of its bytes."""

    def __init__(self, charts: dict[str, _Reader], etag: str, digest: bytes = b"") -> None:
        self.etag = etag
        self.digest = digest
        self._charts = charts
        self._read: dict[str, Versions] = {}

    @classmethod
    async def read(cls, body: bytes, etag: str = "") -> "Index":
        """Find the charts in an index of YAML or JSON, off the event loop. Raises ChartContentError."""
        return cls(await asyncio.to_thread(_readers, body), etag, await digest_of(body))

    def names(self) -> tuple[str, ...]:
        """All charts, by name."""
        return tuple(sorted(self._charts))

    async def versions(self, chart: str) -> Versions:
        """A chart's versions, the highest first; read off the event loop when they are first asked for.

        Raises:
            ChartNotFoundError: the index does not have it.
            ChartContentError: its entry cannot be read.
        """
        if chart not in self._charts:
            raise ChartNotFoundError(f"the index has no chart {chart!r}")
        if chart not in self._read:
            self._read[chart] = await asyncio.to_thread(_versions, chart, self._charts[chart])
        return self._read[chart]


async def digest_of(body: bytes) -> bytes:
    """By which an index that a server gives again is known, off the event loop."""
    return (await asyncio.to_thread(hashlib.sha256, body)).digest()


def _readers(body: bytes) -> dict[str, _Reader]:
    if body.lstrip()[:1] == b"{":
        return {chart: functools.partial(_of_json, chart, bytes(raw)) for chart, raw in _of_document(body)}
    found = spans(body)
    if found is not None:
        return {chart: functools.partial(_of_yaml, chart, body, *place) for chart, place in found.items()}
    if len(body) > MAX_FOREIGN:
        raise ChartContentError(
            f"the index is not in the form Helm writes, and larger than {MAX_FOREIGN >> 20} MiB"
        )
    whole = documents.charts(body)
    return {chart: functools.partial(list, entries) for chart, entries in whole.items()}


def _of_document(body: bytes) -> Iterable[tuple[str, msgspec.Raw]]:
    try:
        return (msgspec.json.decode(body, type=_Document).entries or {}).items()
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ChartContentError(f"the index is no JSON: {error}") from error


def _of_json(chart: str, raw: bytes) -> list[Fields]:
    _require_bounded(chart, len(raw))
    try:
        entries = msgspec.json.decode(raw, type=list[dict[str, object]] | None) or []
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ChartContentError(f"chart {chart!r} of the index cannot be read: {error}") from error
    return [
        {key: value if isinstance(value, list) else _written(value) for key, value in entry.items()}
        for entry in entries
    ]


def _written(value: object) -> str:
    return "true" if value is True else value if isinstance(value, str) else ""


def _of_yaml(chart: str, body: bytes, start: int, end: int) -> list[Fields]:
    _require_bounded(chart, end - start)
    found = quick(body, start, end)
    if found is not None:
        return found
    try:
        return documents.sequence(body[start:end])
    except ChartContentError as error:
        raise ChartContentError(f"chart {chart!r} of the index cannot be read: {error}") from error


def _require_bounded(chart: str, size: int) -> None:
    if size > MAX_ENTRY:
        raise ChartContentError(f"chart {chart!r} has more than {MAX_ENTRY >> 20} MiB of the index")


def _versions(chart: str, read: _Reader) -> Versions:
    """The highest first; of one that is there twice the first, as Helm takes it."""
    found: dict[str, ChartVersion] = {}
    for fields in read():
        one = _version(chart, fields)
        if one.version:
            found.setdefault(one.version, one)
    return tuple(sorted(found.values(), key=lambda one: _rank(one.version), reverse=True))


def _rank(version: str) -> tuple[object, ...]:
    return (parse_version(version) or _LOWEST).order


def _version(chart: str, fields: Fields) -> ChartVersion:
    urls = fields.get("urls", [])
    return ChartVersion(
        name=_text(fields, "name") or chart,
        version=_text(fields, "version"),
        urls=tuple(str(url) for url in urls) if isinstance(urls, list) else (),
        digest=_text(fields, "digest").lower().removeprefix("sha256:"),
        app_version=_text(fields, "appVersion"),
        description=_text(fields, "description"),
        created=_text(fields, "created"),
        deprecated=_text(fields, "deprecated").lower() == "true",
    )


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name, "")
    return value if isinstance(value, str) else ""
