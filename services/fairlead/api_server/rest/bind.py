"""A request's fields, from its path, query and body.

The invariant: the path wins over the body, inside nested objects too, so nobody is authorised for one object
and changes another.
"""

import re
from functools import lru_cache
from typing import Any

import msgspec

from fairlead.api_server.methods.ask import asked
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.rest.question import Question
from fairlead.api_server.rest.routes import RestRoute, field_of
from fairlead.manifest.amount import MAX_VALUES, is_more_than
from fairlead.manifest.nesting import MAX_REQUEST_NESTING, is_nested_deeper
from fairlead.manifest.numbers import as_stored
from fairlead.wire.catalogue import SCALARS, message
from fairlead.wire.values import DECODED

IF_MATCH = "If-Match"
_TAG = re.compile(r'"(\d{1,20})"')
MAX_LINES = 10_000
"""Messages of a client's stream."""
_VALIDATE = "/repository.RepositoryService/Validate"
SPREAD = frozenset((f"{_VALIDATE}Access", f"{_VALIDATE}WriteAccess"))
"""RPCs whose body, by the wire a text beside fields of the query, may be an object of all fields: they are
credentials, and an address is written down wherever it goes through."""


def bound(
    request: Question, route: RestRoute, kind: type[msgspec.Struct], raw: bytes | bytearray = b""
) -> Any:
    """The typed request. Raises INVALID_ARGUMENT when it cannot be read as one."""
    fields = _query(request, route.rpc.request)
    body = route.route.body
    if body == "*":
        fields.update(_spread(_content(raw)))
    elif body and is_scalar(route.rpc.request, body):
        content = _content(raw) if raw else None
        if isinstance(content, dict) and route.rpc.path in SPREAD:
            fields.update(_spread(content))
        elif raw:
            fields[body] = _text(content)
    elif body:
        fields[body] = _object(_content(raw))
    for place, value in request.match_info.items():
        _put(fields, field_of(place), value)
    fields.pop("ifMatch", None)
    if route.route.verb != "GET" and IF_MATCH in request.headers:
        fields["ifMatch"] = _version(request.headers[IF_MATCH], kind)
    return asked(fields, kind)


def _version(header: str, kind: type[msgspec.Struct]) -> str:
    """The one resourceVersion that a request says is to be changed. A condition that would not be kept is
    refused, so that nobody writes over what they meant to leave."""
    if not any(field.encode_name == "ifMatch" for field in msgspec.structs.fields(kind)):
        raise RefusalError(Code.INVALID_ARGUMENT, "If-Match is not kept here; send the request without it")
    found = _TAG.fullmatch(header.strip())
    if found is None:
        raise RefusalError(Code.INVALID_ARGUMENT, 'If-Match has to be one resourceVersion, as in: "1234"')
    return found[1]


def bound_lines(raw: bytes | bytearray, kind: type[msgspec.Struct]) -> list[Any]:
    """The typed requests of a client's stream: one JSON object in each line of the body."""
    if raw.count(b"\n") > MAX_LINES or is_more_than(raw, MAX_VALUES):
        text = f"the body has more than {MAX_LINES} lines, or {MAX_VALUES} values"
        raise RefusalError(Code.INVALID_ARGUMENT, text)
    return [asked(_spread(_content(line)), kind) for line in bytes(raw).split(b"\n") if line.strip()]


def bound_body(raw: bytes | bytearray, kind: type[msgspec.Struct]) -> Any:
    """The typed request that a whole body is. Raises INVALID_ARGUMENT, also for a field that is not known."""
    fields = _spread(_content(raw))
    known = {field.encode_name for field in msgspec.structs.fields(kind)}
    for key in fields.keys() - known:
        raise RefusalError(Code.INVALID_ARGUMENT, f"the body has no field {key[:60]!r}")
    return asked(fields, kind)


def is_scalar(name: str, field: str) -> bool:
    """Whether a field of a message is no object."""
    return next(one.type in SCALARS for one in message(name).fields if one.json == field)


def _query(request: Question, name: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in dict.fromkeys(request.query):
        place, is_list = _place(name, key)
        if place:
            values = request.query.getall(key)
            _put(found, place, values if is_list else values[-1])
    return found


@lru_cache(maxsize=2048)
def _place(name: str, key: str) -> tuple[tuple[str, ...], bool]:
    """Where a key of a query goes in a message, and whether it may come more than once; () for nowhere."""
    *outer, last = key.split(".")
    for part in outer:
        inner = next((one for one in message(name).fields if one.json == part), None)
        if inner is None or inner.is_repeated or inner.type in SCALARS:
            return (), False
        name = inner.type
    field = next((one for one in message(name).fields if one.json == last), None)
    if field is None or not (field.type in SCALARS or field.type in DECODED):
        return (), False
    return (*outer, last), field.is_repeated


def _put(fields: dict[str, Any], place: tuple[str, ...], value: Any) -> None:
    *outer, last = place
    for part in outer:
        inner = fields.get(part)
        fields[part] = {} if inner is None else dict(_object(inner))
        fields = fields[part]
    fields[last] = value


def _spread(content: Any) -> dict[str, Any]:
    return {key: _without_nulls(item) for key, item in _object(content).items() if item is not None}


def _object(content: Any) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise RefusalError(Code.INVALID_ARGUMENT, "the body is not a JSON object")
    return content


def _text(content: Any) -> str:
    if not isinstance(content, str):
        raise RefusalError(Code.INVALID_ARGUMENT, "the body is not a JSON string")
    return content


def _without_nulls(value: Any) -> Any:
    """An explicit null means absent, as in protobuf's JSON."""
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _content(raw: bytes | bytearray) -> Any:
    if is_more_than(raw, MAX_VALUES):
        raise RefusalError(Code.INVALID_ARGUMENT, f"the body has more than {MAX_VALUES} values")
    if is_nested_deeper(raw, MAX_REQUEST_NESTING):
        text = f"the body is nested deeper than {MAX_REQUEST_NESTING} levels"
        raise RefusalError(Code.INVALID_ARGUMENT, text)
    try:
        return as_stored(msgspec.json.decode(raw or b"{}"), raw)
    except OverflowError:
        raise RefusalError(Code.INVALID_ARGUMENT, "a number of the body is too large for anybody") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RefusalError(Code.INVALID_ARGUMENT, f"the body is not JSON: {error}") from None
