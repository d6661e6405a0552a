"""Refusals as HTTP: a status, and the body grpc-gateway sends (contract 14, conventions)."""

import msgspec
from aiohttp import web

from fairlead.api_server.operations.refusal import Code, RefusalError

JSON = "application/json"
_STATUS = {
    Code.INVALID_ARGUMENT: 400,
    Code.FAILED_PRECONDITION: 400,
    Code.OUT_OF_RANGE: 400,
    Code.UNAUTHENTICATED: 401,
    Code.PERMISSION_DENIED: 403,
    Code.NOT_FOUND: 404,
    Code.ALREADY_EXISTS: 409,
    Code.ABORTED: 409,
    Code.RESOURCE_EXHAUSTED: 429,
    Code.UNKNOWN: 500,
    Code.INTERNAL: 500,
    Code.UNIMPLEMENTED: 501,
    Code.UNAVAILABLE: 503,
    Code.DEADLINE_EXCEEDED: 504,
}


def status_of(refusal: RefusalError) -> int:
    """The HTTP status of a refusal."""
    return _STATUS[refusal.code]


def body_of(refusal: RefusalError) -> bytes:
    """The JSON body of a refusal."""
    words = refusal.message
    return msgspec.json.encode({"error": words, "code": int(refusal.code), "message": words})


def response_of(refusal: RefusalError) -> web.Response:
    """The HTTP answer of a refusal."""
    return web.Response(body=body_of(refusal), status=status_of(refusal), content_type=JSON)


def stream_error(refusal: RefusalError) -> bytes:
    """How a refusal is told within a stream."""
    status = status_of(refusal)
    error = {
        "grpc_code": int(refusal.code),
        "http_code": status,
        "message": refusal.message,
        "http_status": web.Response(status=status).reason,
    }
    return msgspec.json.encode({"error": error})
