"""What JSON says of Google's messages, and such messages of what JSON says: the wire's second implementation.

Nothing of the codec is used here, as in wire_messages.py.
"""

import base64
import json
from datetime import UTC, datetime
from typing import Any

from tests import wire_messages as google

META = "k8s.io.apimachinery.pkg.apis.meta.v1"
SCALARS = ("string", "bytes", "bool", "int32", "int64", "uint64")
TIMES = {f"{META}.Time", f"{META}.MicroTime"}
RAW = {"RawExtension", "JSON", "FieldsV1"}
NUMBER_OR_TEXT = "k8s.io.apimachinery.pkg.util.intstr.IntOrString"


def is_special(name: str) -> bool:
    """Whether a message's JSON is no object of its fields."""
    return name in TIMES or name == NUMBER_OR_TEXT or name.rpartition(".")[2] in RAW


def said(name: str, given_message: Any) -> Any:
    """What JSON says of a message, read from protobuf's own object."""
    return _special(name, given_message) if is_special(name) else _object(name, given_message)


def _special(name: str, given_message: Any) -> Any:
    if name in TIMES:
        if not given_message.ByteSize():
            return None
        moment = datetime.fromtimestamp(given_message.seconds, UTC).replace(tzinfo=None)
        text = moment.replace(microsecond=given_message.nanos // 1000).isoformat(
            timespec="microseconds" if name.endswith("MicroTime") else "seconds"
        )
        return f"{text}Z"
    if name == NUMBER_OR_TEXT:
        return given_message.strVal if given_message.type else given_message.intVal
    raw = getattr(given_message, google.rows(name)[0][1])
    return json.loads(raw) if raw else None


def _object(name: str, given_message: Any) -> dict[str, Any]:
    told: dict[str, Any] = {}
    is_kubernetes = name.startswith(("k8s.io", "github.com"))
    for _, field, label, kind, other, zero in google.rows(name):
        value = getattr(given_message, field)
        key = field if other in ("", "inline") else other
        if label == "repeated":
            if not value:
                continue
            if kind in SCALARS:
                told[key] = [_scalar(kind, item) for item in value]
            elif google.is_map_entry(kind):
                told[key] = {pair.key: _value(kind, pair) for pair in value}
            else:
                told[key] = [said(kind, item) for item in value]
        elif given_message.HasField(field):
            inner = _scalar(kind, value) if kind in SCALARS else said(kind, value)
            if other == "inline":
                empty = {"map": {}} if kind.endswith("OptionalMap") else {"array": []}
                told |= inner or (empty if zero == "pointer" else {})
            elif inner is None or (
                is_kubernetes and not zero and not inner and kind != NUMBER_OR_TEXT and _is_plain(kind)
            ):
                continue
            else:
                told[key] = inner
    return told


def _is_plain(kind: str) -> bool:
    return kind not in TIMES and kind.rpartition(".")[2] not in RAW


def _scalar(kind: str, value: Any) -> Any:
    return base64.b64encode(value).decode() if kind == "bytes" else value


def _value(entry: str, pair: Any) -> Any:
    kind = google.rows(entry)[1][3]
    if kind in SCALARS:
        return pair.value
    return said(kind, pair.value) if pair.HasField("value") else {}


def made(name: str, value: Any) -> Any:
    """The message of what JSON says."""
    if is_special(name):
        return _special_of(name, value)
    message = google.kind(name)()
    for _, field, label, kind, other, *_ in google.rows(name):
        key = field if other == "" else other
        if other == "inline":
            inner = made(kind, value)
            if inner.ByteSize():
                getattr(message, field).CopyFrom(inner)
        elif value.get(key) is not None:
            _set(message, field, label, kind, value[key])
    return message


def _set(message: Any, field: str, label: str, kind: str, value: Any) -> None:
    if label != "repeated":
        if kind in SCALARS:
            setattr(message, field, _plain(kind, value))
        else:
            getattr(message, field).CopyFrom(made(kind, value))
        return
    if kind in SCALARS:
        getattr(message, field).extend(_plain(kind, item) for item in value)
        return
    items = [{"key": k, "value": v} for k, v in value.items()] if google.is_map_entry(kind) else value
    for item in items:
        getattr(message, field).add().CopyFrom(made(kind, item))


def _plain(kind: str, value: Any) -> Any:
    if kind == "bytes":
        return base64.b64decode(value)
    return int(value) if kind in ("int32", "int64", "uint64") else value


def _special_of(name: str, value: Any) -> Any:
    message = google.kind(name)()
    if name in TIMES:
        moment = datetime.fromisoformat(value)
        message.seconds, message.nanos = int(moment.timestamp()), moment.microsecond * 1000
    elif name == NUMBER_OR_TEXT:
        is_text = isinstance(value, str)
        message.type = int(is_text)
        setattr(message, "strVal" if is_text else "intVal", value)
    else:
        setattr(message, google.rows(name)[0][1], json.dumps(value).encode())
    return message
