"""Any failure of a call as a refusal; what nobody expected says nothing of itself."""

from collections.abc import Mapping

import structlog

from fairlead.api_server.operations.refusal import Code, RefusalError, of_kube
from fairlead.auth.errors import InvalidSessionError
from fairlead.kube.errors import KubeError
from fairlead.process.body import BodyError, BusyError, TooLargeError, TooSlowError
from fairlead.wire.errors import DecodeError

log = structlog.get_logger(__name__)

_BODY_CODES: Mapping[type[BodyError], Code] = {
    TooLargeError: Code.INVALID_ARGUMENT,
    TooSlowError: Code.DEADLINE_EXCEEDED,
    BusyError: Code.UNAVAILABLE,
}


def refusal_of(error: Exception) -> RefusalError:
    """The refusal that a failure is."""
    match error:
        case RefusalError():
            return error
        case KubeError():
            return of_kube(error)
        case InvalidSessionError():
            return RefusalError(Code.UNAUTHENTICATED, str(error))
        case BodyError():
            return RefusalError(_BODY_CODES[type(error)], str(error))
        case DecodeError():
            return RefusalError(Code.INVALID_ARGUMENT, f"the request cannot be read: {error}")
    return _unexpected(error)


def _unexpected(error: Exception) -> RefusalError:
    if isinstance(error, TimeoutError):
        return RefusalError(Code.DEADLINE_EXCEEDED, "context deadline exceeded")
    log.error("api.operation.failed", error=type(error).__name__, exc_info=error)
    return RefusalError(Code.INTERNAL, "internal error; the log of the api-server says more")


def unserved(rpc: str) -> RefusalError:
    """The refusal of an RPC that has no row."""
    return RefusalError(Code.UNIMPLEMENTED, f"{rpc} is not served by this version")
