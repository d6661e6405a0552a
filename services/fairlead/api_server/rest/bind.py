"""A request's fields, from its path, query and body.

The invariant: the path wins over the body, so nobody is authorised for one object and changes another.
"""

import asyncio
from typing import Any, TypeVar

import msgspec
from aiohttp import web

from fairlead.api_server.operations.refusal import Code, RefusalError

MAX_BODY = 16 << 20
"""Bytes of a JSON body; an object of Kubernetes has at most 3 MiB, local manifests may be several."""
BODY_SECONDS = 30.0
"""Seconds a client may take to send its body."""

R = TypeVar("R", bound=msgspec.Struct)


async def bound(request: web.Request, kind: type[R], body: str) -> R:
    """The typed request. Raises INVALID_ARGUMENT when it cannot be read as one."""
    fields: dict[str, Any] = _query(request, kind)
    if body:
        content = await _body(request)
        if body == "*":
            fields.update(_without_nulls(content))
        else:
            fields[body] = content
    fields.update(request.match_info)
    try:
        return msgspec.convert(fields, kind, strict=False)
    except msgspec.ValidationError as error:
        raise RefusalError(Code.INVALID_ARGUMENT, f"the request cannot be read: {error}") from None


async def read_limited(request: web.Request, limit: int) -> bytes | None:
    """The body, or None when it is longer than `limit`; never more than that is held."""
    if (request.content_length or 0) > limit:
        return None
    chunks: list[bytes] = []
    size = 0
    async with asyncio.timeout(BODY_SECONDS):
        async for chunk in request.content.iter_any():
            size += len(chunk)
            if size > limit:
                return None
            chunks.append(chunk)
    return b"".join(chunks)


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


def _without_nulls(value: Any) -> Any:
    """An explicit null means absent, as in protobuf's JSON."""
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


async def _body(request: web.Request) -> dict[str, Any]:
    raw = await read_limited(request, MAX_BODY)
    if raw is None:
        raise RefusalError(Code.RESOURCE_EXHAUSTED, f"the body is larger than {MAX_BODY >> 20} MB")
    try:
        content = msgspec.json.decode(raw or b"{}")
    except (msgspec.DecodeError, RecursionError) as error:
        raise RefusalError(Code.INVALID_ARGUMENT, f"the body is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise RefusalError(Code.INVALID_ARGUMENT, "the body is not a JSON object")
    return content
