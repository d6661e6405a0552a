"""A request's fields, from its path, query and body.

The invariant: the path wins over the body, so nobody is authorised for one object and changes another.
"""

from typing import Any, TypeVar

import msgspec
from aiohttp import web

from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.manifest.nesting import MAX_REQUEST_NESTING, is_nested_deeper
from fairlead.manifest.numbers import as_stored

R = TypeVar("R", bound=msgspec.Struct)


def bound(request: web.Request, kind: type[R], body: str, raw: bytes | bytearray = b"") -> R:
    """The typed request. Raises INVALID_ARGUMENT when it cannot be read as one."""
    fields: dict[str, Any] = _query(request, kind)
    if body:
        fields.update(_spread(_content(raw)) if body == "*" else {body: _content(raw)})
    fields.update(request.match_info)
    try:
        return msgspec.convert(fields, kind, strict=False)
    except msgspec.ValidationError as error:
        raise RefusalError(Code.INVALID_ARGUMENT, f"the request cannot be read: {error}") from None


def _query(request: web.Request, kind: type[msgspec.Struct]) -> dict[str, Any]:
    lists = {
        info.encode_name
        for info in msgspec.structs.fields(kind)
        if getattr(info.type, "__origin__", None) in (tuple, list)
    }
    found: dict[str, Any] = {}
    for key, value in request.query.items():
        if key in lists:
            found.setdefault(key, []).append(value)
        else:
            found[key] = value
    return found


def _spread(content: Any) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise RefusalError(Code.INVALID_ARGUMENT, "the body is not a JSON object")
    return {key: _without_nulls(item) for key, item in content.items() if item is not None}


def _without_nulls(value: Any) -> Any:
    """An explicit null means absent, as in protobuf's JSON."""
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _content(raw: bytes | bytearray) -> Any:
    if is_nested_deeper(raw, MAX_REQUEST_NESTING):
        text = f"the body is nested deeper than {MAX_REQUEST_NESTING} levels"
        raise RefusalError(Code.INVALID_ARGUMENT, text)
    try:
        return as_stored(msgspec.json.decode(raw or b"{}"), raw)
    except OverflowError:
        raise RefusalError(Code.INVALID_ARGUMENT, "a number of the body is too large for anybody") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RefusalError(Code.INVALID_ARGUMENT, f"the body is not JSON: {error}") from None
