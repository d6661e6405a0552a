"""Bytes to objects, fast when they are as Kubernetes stores them, forgiving when a person wrote them.

Invariant: an explicit null means absent, as in Go, except inside free-form values, where it is kept
(Helm deletes a key with it). Nulls are rare, so they are dealt with only when decoding stumbles.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from fairlead.model.application import Application
from fairlead.model.applicationset import ApplicationSet
from fairlead.model.appproject import AppProject
from fairlead.model.errors import MalformedObjectError

StructT = TypeVar("StructT", bound=msgspec.Struct)

_APPLICATION = msgspec.json.Decoder(Application)
_APP_PROJECT = msgspec.json.Decoder(AppProject)
_APPLICATION_SET = msgspec.json.Decoder(ApplicationSet)


def decode_application(data: bytes | str | msgspec.Raw) -> Application:
    """Read an Application. Raises MalformedObjectError."""
    return _decode(_APPLICATION, Application, data)


def decode_app_project(data: bytes | str | msgspec.Raw) -> AppProject:
    """Read an AppProject. Raises MalformedObjectError."""
    return _decode(_APP_PROJECT, AppProject, data)


def decode_application_set(data: bytes | str | msgspec.Raw) -> ApplicationSet:
    """Read an ApplicationSet. Raises MalformedObjectError."""
    return _decode(_APPLICATION_SET, ApplicationSet, data)


def from_object(obj: Mapping[str, object], kind: type[StructT]) -> StructT:
    """A struct from already parsed JSON or YAML. Raises MalformedObjectError."""
    try:
        return msgspec.convert(obj, kind)
    except msgspec.ValidationError:
        return _convert_without_nulls(obj, kind)


def to_object(value: msgspec.Struct) -> dict[str, Any]:
    """A struct as plain JSON data: dicts, lists and scalars only."""
    plain: dict[str, Any] = json.loads(msgspec.json.encode(value))
    return plain


def _decode(
    decoder: msgspec.json.Decoder[StructT], kind: type[StructT], data: bytes | str | msgspec.Raw
) -> StructT:
    try:
        return decoder.decode(data)
    except msgspec.ValidationError:
        return _convert_without_nulls(msgspec.json.decode(data), kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise MalformedObjectError(kind.__name__, str(error)) from error


def _convert_without_nulls(obj: object, kind: type[StructT]) -> StructT:
    try:
        return msgspec.convert(_without_nulls(obj, _shape(kind)), kind)
    except msgspec.ValidationError as error:
        raise MalformedObjectError(kind.__name__, str(error)) from error


@cache
def _shape(kind: type[msgspec.Struct]) -> inspect.Type:
    return inspect.type_info(kind)


def _without_nulls(value: object, shape: inspect.Type) -> object:
    """The value less every null that its shape does not leave to the user."""
    match shape, value:
        case inspect.Metadata(type=inner), _:
            return _without_nulls(value, inner)
        case inspect.UnionType(), _:
            return _without_nulls(value, _structured_member(shape))
        case inspect.StructType(), dict():
            return _struct_without_nulls(value, shape)
        case inspect.VarTupleType(item_type=item_shape), list():
            return [_without_nulls(item, item_shape) for item in value if item is not None]
        case inspect.DictType(value_type=inspect.StrType()), dict():
            return {key: "" if item is None else item for key, item in value.items()}
    return value


def _struct_without_nulls(value: dict[str, object], shape: inspect.StructType) -> dict[str, object]:
    shapes = {field.encode_name: field.type for field in shape.fields}
    return {
        key: _without_nulls(item, shapes.get(key, inspect.AnyType()))
        for key, item in value.items()
        if item is not None
    }


def _structured_member(union: inspect.UnionType) -> inspect.Type:
    structured = (inspect.StructType, inspect.VarTupleType, inspect.DictType, inspect.Metadata)
    return next((member for member in union.types if isinstance(member, structured)), inspect.AnyType())
