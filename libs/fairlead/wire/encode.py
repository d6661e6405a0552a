"""A JSON-shaped value to the bytes of its message, by a plan made once for each message.

Invariants: what the value says is written, zeros as well, so that the presence of a pointer is never lost;
what proto2 requires is written even when the value does not say it, since clients refuse a message without;
keys that the message does not have (`kind`, `apiVersion`) are left out.
"""

import base64
import binascii
from collections.abc import Mapping
from functools import cache
from typing import Any

from fairlead.wire.catalogue import SCALARS, Field, message
from fairlead.wire.errors import EncodeError
from fairlead.wire.values import ENCODED, RAW_BYTES

MAX_DEPTH = 64
_DELIMITED = 2
_BOUNDS = {"int32": (-(1 << 31), 1 << 31), "int64": (-(1 << 63), 1 << 63), "uint64": (0, 1 << 64)}


class _Entry:
    """How one field is written."""

    __slots__ = ("convert", "field", "is_map", "is_message", "is_packed", "is_raw", "tag")

    def __init__(self, field: Field, *, is_raw: bool, is_packed: bool) -> None:
        is_number = field.type in _BOUNDS or field.type == "bool"
        self.field = field
        self.is_message = field.type not in SCALARS
        self.is_map = self.is_message and message(field.type).is_map_entry
        self.is_raw = is_raw
        self.is_packed = is_packed and is_number and field.is_repeated
        self.convert = ENCODED.get(field.type)
        self.tag = varint(field.number << 3 | (0 if is_number and not self.is_packed else _DELIMITED))


class _Plan:
    """How a message is written: fields by their key, those that are inlined, those that are required."""

    __slots__ = ("entries", "inlined", "required")

    def __init__(self, name: str) -> None:
        described = message(name)
        entries = [
            _Entry(field, is_raw=name in RAW_BYTES, is_packed=described.syntax == "proto3")
            for field in described.fields
        ]
        self.entries = {entry.field.json: entry for entry in entries if not entry.field.is_inline}
        self.inlined = [(entry, _keys(entry.field.type)) for entry in entries if entry.field.is_inline]
        self.required = [
            (entry.field.json, entry.tag + b"\x00") for entry in entries if entry.field.is_required
        ]


def _keys(name: str) -> frozenset[str]:
    """The keys that an inlined message has in the object of its parent."""
    keys: set[str] = set()
    for field in message(name).fields:
        keys |= _keys(field.type) if field.is_inline else {field.json}
    return frozenset(keys)


@cache
def plan_of(name: str) -> _Plan:
    """The plan of a message."""
    return _Plan(name)


def encode(name: str, value: Mapping[str, Any]) -> bytes:
    """The bytes of a message. Raises EncodeError, KeyError for a message that the table does not have."""
    return bytes(_written(plan_of(name), value, 0))


def delimited(tag: bytes, content: bytes | bytearray) -> bytes:
    """A field whose content is known already; a message may be put together of such."""
    return tag + varint(len(content)) + content


def tag_of(name: str, key: str) -> bytes:
    """The tag of a field of a message, by its JSON name."""
    return plan_of(name).entries[key].tag


def varint(number: int) -> bytes:
    """A number as protobuf writes it."""
    if number < 0x80:
        return bytes((number,))
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _written(plan: _Plan, value: Mapping[str, Any], depth: int) -> bytearray:
    if not isinstance(value, Mapping):
        raise EncodeError(f"an object is needed, not {type(value).__name__}")
    if depth > MAX_DEPTH:
        raise EncodeError(f"objects are nested deeper than {MAX_DEPTH} levels")
    out = bytearray()
    entries = plan.entries
    for key, item in value.items():
        entry = entries.get(key)
        if entry is not None and item is not None:
            _write(out, entry, item, depth)
    for entry, keys in plan.inlined:
        if not keys.isdisjoint(value):
            inner = _written(plan_of(entry.field.type), {k: value[k] for k in keys if k in value}, depth + 1)
            out += delimited(entry.tag, inner)
    for key, zero in plan.required:
        if value.get(key) is None:
            out += zero
    return out


def _write(out: bytearray, entry: _Entry, value: Any, depth: int) -> None:
    if not entry.field.is_repeated:
        _write_one(out, entry, value, depth)
    elif entry.is_map:
        if not isinstance(value, Mapping):
            raise EncodeError(f"{entry.field.json} is no object")
        for key, item in value.items():
            _write_one(out, entry, {"key": key, "value": item}, depth)
    elif not isinstance(value, list | tuple):
        raise EncodeError(f"{entry.field.json} is no list")
    elif entry.is_packed:
        out += delimited(entry.tag, b"".join(_number(entry.field, item) for item in value))
    else:
        for item in value:
            _write_one(out, entry, item, depth)


def _write_one(out: bytearray, entry: _Entry, value: Any, depth: int) -> None:
    field = entry.field
    if entry.is_message:
        fields = value if entry.convert is None or value is None else entry.convert(value)
        content: bytes | bytearray = _written(plan_of(field.type), fields or {}, depth + 1)
    elif field.type == "string":
        content = _text(field, value)
    elif field.type == "bytes":
        content = value if entry.is_raw else _bytes(field, value)
    else:
        out += entry.tag
        out += _number(field, value)
        return
    out += entry.tag
    out += varint(len(content))
    out += content


def _text(field: Field, value: Any) -> bytes:
    if not isinstance(value, str):
        raise EncodeError(f"{field.json} is no text")
    try:
        return value.encode()
    except UnicodeEncodeError:
        raise EncodeError(f"{field.json} is no Unicode") from None


def _bytes(field: Field, value: Any) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise EncodeError(f"{field.json} is not base64") from None


def _number(field: Field, value: Any) -> bytes:
    if field.type == "bool":
        if not isinstance(value, bool):
            raise EncodeError(f"{field.json} is neither true nor false")
        return b"\x01" if value else b"\x00"
    number = _whole(value)
    least, beyond = _BOUNDS[field.type]
    if number is None or not least <= number < beyond:
        raise EncodeError(f"{field.json} is no {field.type}")
    return varint(number & 0xFFFFFFFFFFFFFFFF)


def _whole(value: Any) -> int | None:
    """The whole number that a JSON value stands for: protobuf's JSON writes those of 64 bits as texts."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and value.removeprefix("-").isdecimal() and len(value) <= 20:
        return int(value)
    return None
