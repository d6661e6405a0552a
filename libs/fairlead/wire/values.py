"""The types that JSON spells in its own way: times are texts, raw JSON is itself, a number may be a string.

Invariant: what JSON cannot say (a time of zero, raw JSON of no bytes) is None, which means absent.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec

from fairlead.manifest.nesting import MAX_REQUEST_NESTING, is_nested_deeper
from fairlead.manifest.numbers import as_stored
from fairlead.wire.errors import DecodeError, EncodeError

META = "k8s.io.apimachinery.pkg.apis.meta.v1"
TIME, MICRO_TIME, FIELDS = f"{META}.Time", f"{META}.MicroTime", f"{META}.FieldsV1"
RAW = "k8s.io.apimachinery.pkg.runtime.RawExtension"
JSON = "k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1.JSON"
NUMBER_OR_TEXT = "k8s.io.apimachinery.pkg.util.intstr.IntOrString"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_ONE = "0001-01-01T00:00:00Z"

Fields = dict[str, Any]


def time_of(fields: Fields) -> str | None:
    """RFC 3339 to the second, as Kubernetes writes a Time; None for zero."""
    return _moment(fields, "%Y-%m-%dT%H:%M:%SZ") if fields else None


def micro_time_of(fields: Fields) -> str | None:
    """RFC 3339 to the microsecond; None for zero."""
    return _moment(fields, "%Y-%m-%dT%H:%M:%S.%fZ") if fields else None


def _moment(fields: Fields, form: str) -> str:
    try:
        moment = _EPOCH + timedelta(
            seconds=fields.get("seconds", 0), microseconds=fields.get("nanos", 0) // 1000
        )
    except OverflowError:
        raise DecodeError("a time is out of range") from None
    return (
        f"{moment.year:04d}{moment.strftime(form)[len(str(moment.year)) :]}"
        if moment.year < 1000
        else (moment.strftime(form))
    )


def fields_of_time(value: Any) -> Fields:
    """Seconds of a text; a Time carries no fractions."""
    return _split(value, 0)


def fields_of_micro_time(value: Any) -> Fields:
    """Seconds and nanoseconds of a text, to the microsecond."""
    return _split(value, 1000)


def _split(value: Any, nanos: int) -> Fields:
    if value in ("", _YEAR_ONE):
        return {}
    if not isinstance(value, str):
        raise EncodeError("a time is not a text")
    seconds, micros = _parsed(value)
    return {"seconds": seconds, "nanos": micros * nanos}


@lru_cache(maxsize=4096)
def _parsed(text: str) -> tuple[int, int]:
    try:
        since = datetime.fromisoformat(text) - _EPOCH
    except (ValueError, TypeError):
        raise EncodeError(f"{text[:40]!r} is no time") from None
    return since.days * 86400 + since.seconds, since.microseconds


def json_of(raw: bytes) -> Any:
    """The value of raw JSON, as Kubernetes would keep it; None for no bytes."""
    if not raw:
        return None
    if is_nested_deeper(raw, MAX_REQUEST_NESTING):
        raise DecodeError(f"JSON is nested deeper than {MAX_REQUEST_NESTING} levels")
    try:
        return as_stored(msgspec.json.decode(raw), raw)
    except OverflowError:
        raise DecodeError("a number is too large for anybody") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DecodeError(f"not JSON: {error}") from None


def number_or_text_of(fields: Fields) -> int | str:
    """A number, or the text of one that is none, such as `25%`."""
    value: int | str = fields.get("strVal", "") if fields.get("type") else fields.get("intVal", 0)
    return value


def fields_of_number_or_text(value: Any) -> Fields:
    """The other way."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise EncodeError("neither a number nor a text")
    return {"type": 0, "intVal": value} if isinstance(value, int) else {"type": 1, "strVal": value}


DECODED: dict[str, Callable[[Fields], Any]] = {
    TIME: time_of,
    MICRO_TIME: micro_time_of,
    NUMBER_OR_TEXT: number_or_text_of,
    RAW: lambda fields: json_of(fields.get("raw", b"")),
    JSON: lambda fields: json_of(fields.get("raw", b"")),
    FIELDS: lambda fields: json_of(fields.get("Raw", b"")),
}
"""Messages whose JSON is no object of their fields, with what makes it of them."""

ENCODED: dict[str, Callable[[Any], Fields]] = {
    TIME: fields_of_time,
    MICRO_TIME: fields_of_micro_time,
    NUMBER_OR_TEXT: fields_of_number_or_text,
    RAW: lambda value: {"raw": msgspec.json.encode(value)},
    JSON: lambda value: {"raw": msgspec.json.encode(value)},
    FIELDS: lambda value: {"Raw": msgspec.json.encode(value)},
}
"""The other way. Bytes in these are bytes, not base64."""

RAW_BYTES = frozenset({RAW, JSON, FIELDS})
