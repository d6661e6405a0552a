"""Bytes of a message to its JSON-shaped value, by a plan made once for each message.

The format is that of protobuf (protobuf.dev, "Encoding"). Invariants: what is built is bounded by MAX_FIELDS
and MAX_DEPTH, whatever the bytes promise; no size is believed beyond the bytes that are there; a zero is left
out where Go's JSON of the same message would leave it out.
"""

import base64
from functools import cache
from typing import Any

from fairlead.wire.catalogue import SCALARS, Field, Message, message
from fairlead.wire.errors import DecodeError
from fairlead.wire.values import DECODED, RAW_BYTES

MAX_DEPTH = 64
"""Messages inside messages; the deepest that there is has about 14."""
MAX_FIELDS = 200_000
"""Fields of one message and all inside it; each takes up to 200 bytes of memory."""

_VARINT, _FIXED64, _DELIMITED, _FIXED32 = 0, 1, 2, 5
_DELIMITED_SCALARS = ("string", "bytes")
_TRUNCATED = "the message ends within a field"

Value = dict[str, Any]


class _Entry:
    """What becomes of one field; `zero` is the value of a map's entry that has none."""

    __slots__ = (
        "convert",
        "field",
        "is_map",
        "is_message",
        "is_packed",
        "is_raw",
        "is_sparse",
        "key",
        "zero",
    )

    def __init__(self, owner: Message, field: Field, *, is_packed: bool = False) -> None:
        self.field = field
        self.key = field.json
        self.is_message = field.type not in SCALARS
        self.is_map = self.is_message and message(field.type).is_map_entry
        self.is_packed = is_packed
        self.is_raw = owner.name in RAW_BYTES
        is_said = field.is_pointer or field.is_always or owner.name in DECODED
        self.is_sparse = owner.is_of_kubernetes and not is_said
        self.convert = DECODED.get(field.type)
        self.zero = _zero(message(field.type).fields[1]) if self.is_map else None


def _zero(field: Field) -> Any:
    zeros = {"string": "", "bytes": "", "bool": False}
    return zeros.get(field.type, 0) if field.type in SCALARS else {}


_Plan = dict[int, _Entry]


@cache
def plan_of(name: str) -> _Plan:
    """The plan of a message, by the tags of its fields."""
    plan: _Plan = {}
    owner = message(name)
    for field in owner.fields:
        is_number = field.type in SCALARS and field.type not in _DELIMITED_SCALARS
        plan[field.number << 3 | (_VARINT if is_number else _DELIMITED)] = _Entry(owner, field)
        if is_number and field.is_repeated:
            plan[field.number << 3 | _DELIMITED] = _Entry(owner, field, is_packed=True)
    return plan


def decode(name: str, data: bytes) -> Value:
    """The value of a message. Raises DecodeError, KeyError for a message that the table does not have."""
    return _Reader(data).fields(plan_of(name), 0, len(data), 0)


class _Reader:
    """Reads one message, and counts what it builds."""

    __slots__ = ("_data", "_left")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._left = MAX_FIELDS

    def fields(self, plan: _Plan, at: int, end: int, depth: int) -> Value:
        """The fields that stand between two places."""
        if depth > MAX_DEPTH:
            raise DecodeError(f"messages are nested deeper than {MAX_DEPTH} levels")
        found: Value = {}
        while at < end:
            tag, at = self._varint(at, end)
            self._count()
            entry = plan.get(tag)
            if entry is None:
                at = self._skipped(tag, at, end)
            elif tag & 7 == _VARINT:
                number, at = self._varint(at, end)
                _put(found, entry, _scalar(entry.field.type, number))
            else:
                size, at = self._varint(at, end)
                if at + size > end:
                    raise DecodeError(_TRUNCATED)
                self._delimited(found, entry, at, at + size, depth)
                at += size
        return found

    def _delimited(self, found: Value, entry: _Entry, at: int, end: int, depth: int) -> None:
        if entry.is_message:
            value = self.fields(plan_of(entry.field.type), at, end, depth + 1)
            _put(found, entry, value if entry.convert is None else entry.convert(value))
        elif entry.is_packed:
            while at < end:
                self._count()
                number, at = self._varint(at, end)
                _put(found, entry, _scalar(entry.field.type, number))
        elif entry.is_raw:
            found[entry.key] = self._data[at:end]
        elif entry.field.type == "bytes":
            _put(found, entry, base64.b64encode(self._data[at:end]).decode())
        else:
            try:
                _put(found, entry, str(self._data[at:end], "utf-8"))
            except UnicodeDecodeError:
                raise DecodeError(f"{entry.key} is not UTF-8") from None

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise DecodeError(f"the message has more than {MAX_FIELDS} fields")

    def _varint(self, at: int, end: int) -> tuple[int, int]:
        if at < end and self._data[at] < 0x80:
            return self._data[at], at + 1
        number = shift = 0
        while at < end and shift < 70:
            byte = self._data[at]
            at += 1
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number & 0xFFFFFFFFFFFFFFFF, at
            shift += 7
        raise DecodeError(_TRUNCATED if at >= end else "a number has more than 64 bits")

    def _skipped(self, tag: int, at: int, end: int) -> int:
        """The place after a field that the table does not know. Groups are of another age, and refused."""
        form = tag & 7
        if form == _VARINT:
            return self._varint(at, end)[1]
        if form == _DELIMITED:
            size, at = self._varint(at, end)
        elif form in (_FIXED32, _FIXED64) and tag >> 3:
            size = 4 if form == _FIXED32 else 8
        else:
            raise DecodeError(f"a field of the unknown wire type {form}")
        if at + size > end:
            raise DecodeError(_TRUNCATED)
        return at + size


def _scalar(kind: str, number: int) -> int | bool:
    if kind == "bool":
        return number != 0
    if kind == "int32":
        number &= 0xFFFFFFFF
        return number - (1 << 32) if number >> 31 else number
    return number - (1 << 64) if kind == "int64" and number >> 63 else number


def _put(found: Value, entry: _Entry, value: Any) -> None:
    key = entry.key
    if entry.field.is_repeated:
        if entry.is_map:
            found.setdefault(key, {})[value.get("key", "")] = value.get("value", entry.zero)
        else:
            found.setdefault(key, []).append(value)
    elif entry.field.is_inline:
        _merge(found, value or _empty(entry.field))
    elif value is None or (entry.is_sparse and not value and entry.convert is None):
        if not entry.is_message:
            found.pop(key, None)
    elif isinstance(value, dict) and isinstance(found.get(key), dict) and entry.convert is None:
        _merge(found[key], value)
    else:
        found[key] = value


def _merge(into: Value, more: Value) -> None:
    """A message that comes in parts, as protobuf reads it: the last of each value, lists joined."""
    for key, value in more.items():
        known = into.get(key)
        if isinstance(value, dict) and isinstance(known, dict):
            _merge(known, value)
        elif isinstance(value, list) and isinstance(known, list):
            known.extend(value)
        else:
            into[key] = value


def _empty(field: Field) -> Value:
    """What an inlined pointer to one list or map says by being there."""
    if not field.is_pointer:
        return {}
    inner = message(field.type).fields
    return {
        one.json: {} if one.type not in SCALARS and message(one.type).is_map_entry else [] for one in inner
    }
