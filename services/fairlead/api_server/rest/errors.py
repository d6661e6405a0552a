"""Refusals as HTTP: a status, and the body grpc-gateway sends (contract 14, conventions)."""

import msgspec
import structlog
from aiohttp import web

from fairlead.api_server.operations.refusal import Code, RefusalError, of_kube
from fairlead.api_server.rest.body import BodyError, BusyError, TooLargeError, TooSlowError
from fairlead.auth.errors import InvalidSessionError
from fairlead.kube.errors import KubeError

log = structlog.get_logger(__name__)

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
_BODY_CODES: dict[type[BodyError], Code] = {
    TooLargeError: Code.INVALID_ARGUMENT,
    TooSlowError: Code.DEADLINE_EXCEEDED,
    BusyError: Code.UNAVAILABLE,
}


def refusal_of(error: Exception) -> RefusalError:
    """Any failure of an operation as a refusal; what nobody expected says nothing of itself."""
    match error:
        case RefusalError():
            return error
        case KubeError():
            return of_kube(error)
        case InvalidSessionError():
            return RefusalError(Code.UNAUTHENTICATED, str(error))
        case BodyError():
            return RefusalError(_BODY_CODES[type(error)], str(error))
        case TimeoutError():
            return RefusalError(Code.DEADLINE_EXCEEDED, "context deadline exceeded")
    log.error("api.operation.failed", error=type(error).__name__, exc_info=error)
    return RefusalError(Code.INTERNAL, "internal error; the log of the api-server says more")


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
