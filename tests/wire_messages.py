"""A second implementation of the wire: messages of Google's protobuf, made from the table of facts.

Nothing of the codec is used here, so that whoever compares the two compares two readings of the facts.
"""

import base64
import json
from functools import cache
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from fairlead.wire.generate import FACTS

_TYPES = {
    "string": descriptor_pb2.FieldDescriptorProto.TYPE_STRING,
    "bytes": descriptor_pb2.FieldDescriptorProto.TYPE_BYTES,
    "bool": descriptor_pb2.FieldDescriptorProto.TYPE_BOOL,
    "int32": descriptor_pb2.FieldDescriptorProto.TYPE_INT32,
    "int64": descriptor_pb2.FieldDescriptorProto.TYPE_INT64,
    "uint64": descriptor_pb2.FieldDescriptorProto.TYPE_UINT64,
}
_LABELS = {
    "optional": descriptor_pb2.FieldDescriptorProto.LABEL_OPTIONAL,
    "required": descriptor_pb2.FieldDescriptorProto.LABEL_REQUIRED,
    "repeated": descriptor_pb2.FieldDescriptorProto.LABEL_REPEATED,
}


@cache
def _rows() -> dict[str, tuple[list[str], list[list[str]]]]:
    found: dict[str, tuple[list[str], list[list[str]]]] = {}
    fields: list[list[str]] = []
    for line in FACTS.read_text().splitlines():
        kind, *cells = line.split("\t")
        if kind == "message":
            fields = []
            found[cells[0]] = (cells[1:], fields)
        elif kind == "field":
            fields.append(cells)
    return found


@cache
def _pool() -> descriptor_pool.DescriptorPool:
    """Packages refer to each other in both directions, so all of one syntax are one file, names flattened."""
    pool = descriptor_pool.DescriptorPool()
    file = descriptor_pb2.FileDescriptorProto(name="all.proto", package="w", syntax="proto2")
    for name, (about, fields) in _rows().items():
        described = file.message_type.add(name=flat(name))
        described.options.map_entry = False
        for number, field, label, kind, *_ in fields:
            added = described.field.add(name=field, number=int(number), label=_LABELS[label])
            if kind in _TYPES:
                added.type = _TYPES[kind]
            else:
                added.type = descriptor_pb2.FieldDescriptorProto.TYPE_MESSAGE
                added.type_name = f".w.{flat(kind)}"
            if label == "repeated" and about[0] == "proto3" and kind in ("bool", "int32", "int64", "uint64"):
                added.options.packed = True
    pool.Add(file)
    return pool


def flat(name: str) -> str:
    """A message's name without dots."""
    return name.replace(".", "_")


@cache
def kind(name: str) -> Any:
    """The class of a message; entries of maps are messages of `key` and `value`."""
    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(f"w.{flat(name)}"))


def rows(name: str) -> list[list[str]]:
    """The facts about a message's fields: number, name, label, type, name in JSON, zero."""
    return [[*cells, "", ""][:6] for cells in _rows()[name][1]]


def names() -> list[str]:
    """All messages."""
    return list(_rows())


def is_map_entry(name: str) -> bool:
    """Whether a message is a pair of a map."""
    return len(_rows()[name][0]) > 1


def filled(name: str, content: dict[str, Any]) -> Any:
    """A message of what a recording says: by field names, 64 bits as texts, raw JSON as itself."""
    made = kind(name)()
    for _, field, label, inner, *_ in rows(name):
        if field not in content:
            continue
        value = content[field]
        if inner in names() and is_map_entry(inner):
            for key, item in value.items():
                getattr(made, field).add().CopyFrom(filled(inner, {"key": key, "value": item}))
        elif label == "repeated" and inner in names():
            for item in value:
                getattr(made, field).add().CopyFrom(_inner(inner, item))
        elif label == "repeated":
            getattr(made, field).extend(_scalar(inner, item) for item in value)
        elif inner in names():
            getattr(made, field).CopyFrom(_inner(inner, value))
        else:
            setattr(made, field, _scalar(inner, value))
    return made


def _inner(name: str, value: Any) -> Any:
    raw = {"RawExtension": "raw", "JSON": "raw", "FieldsV1": "Raw"}.get(name.rpartition(".")[2])
    if raw is None:
        return filled(name, value)
    made = kind(name)()
    setattr(made, raw, json.dumps(value).encode())
    return made


def _scalar(name: str, value: Any) -> Any:
    if name == "bytes":
        return base64.b64decode(value)
    return int(value) if name in ("int32", "int64", "uint64") else value
