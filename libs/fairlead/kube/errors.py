"""What can go wrong when talking to an API server, mapped once from HTTP status and `Status.reason`.

    KubeError
    ├── TransientError              worth trying again, later
    │   ├── UnavailableError        500, 502, 503
    │   ├── TooManyRequestsError    429; `retry_after` seconds when the server said so
    │   ├── RequestTimeoutError     504, or no answer in time
    │   └── UnreachableError        no connection, or it broke
    ├── ConflictError               409: somebody else wrote first, or owns the field
    ├── AlreadyExistsError          409 on create
    ├── NotFoundError               404
    ├── GoneError                   410: the resourceVersion or continue token is too old
    ├── UnauthorizedError           401
    ├── ForbiddenError              403
    ├── BadRequestError             400 and the other 4xx
    │   └── InvalidError            422: the object breaks the kind's rules
    │       └── ImpossibleNameError no request was made: no object can have that name
    ├── ResponseTooLargeError       the answer passed the stated bound
    ├── ProtocolError               the answer is not what Kubernetes sends
    └── ConnectionConfigError       a kubeconfig or cluster Secret cannot be used

Invariant: the message is the API server's own, word for word; no body is ever part of it. Of a refused Secret
only what `confidential` lets pass is told.
"""

import re

import msgspec


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of `Status.details.causes`."""

    reason: str = ""
    message: str = ""
    field: str = ""


class StatusDetails(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    name: str = ""
    group: str = ""
    kind: str = ""
    causes: list[Cause] = []
    retry_after_seconds: int = 0


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """The `v1 Status` an API server answers failures with."""

    message: str = ""
    reason: str = ""
    code: int = 0
    details: StatusDetails | None = None


class KubeError(Exception):
    """Any failed exchange with a cluster. `status` is the HTTP code, 0 when there was no answer."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        reason: str = "",
        causes: tuple[Cause, ...] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.reason = reason
        self.causes = causes
        self.retry_after = retry_after

    @property
    def outline(self) -> str:
        """The message for who chose the server themselves: the page of one that is no API server, which may
        be anybody's, is not in it."""
        if self.reason or not self.status:
            return self.message
        return f"HTTP status {self.status}, from no API server of Kubernetes"

    def has_cause(self, reason: str) -> bool:
        """Whether the server named this reason among the causes (`FieldManagerConflict`, …)."""
        return any(cause.reason == reason for cause in self.causes)


class TransientError(KubeError):
    """Nothing is wrong with the request; the same one may succeed later."""


class UnavailableError(TransientError):
    """The API server, or something before it, could not serve just now."""


class TooManyRequestsError(TransientError):
    """The API server asks us to slow down."""


class RequestTimeoutError(TransientError):
    """No answer in time; a write may or may not have happened."""


class UnreachableError(TransientError):
    """No connection could be made, or it broke; `sent` tells whether the request may have arrived."""

    def __init__(self, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        self.sent = sent


class ConflictError(KubeError):
    """The object changed since it was read, or another field manager owns a field."""


class AlreadyExistsError(KubeError):
    """An object of that name is there already."""


class NotFoundError(KubeError):
    """No such object, or no such resource."""


class GoneError(KubeError):
    """The resourceVersion or continue token is no longer held; list again."""


class UnauthorizedError(KubeError):
    """The credentials are not accepted."""


class ForbiddenError(KubeError):
    """The credentials do not allow it, or an admission policy forbids it."""


class BadRequestError(KubeError):
    """The request itself is wrong; the same one will fail again."""


class InvalidError(BadRequestError):
    """The object breaks its kind's rules; `causes` names the fields."""


class ImpossibleNameError(InvalidError, ValueError):
    """No object can have that name, so nobody was asked."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name!r} cannot be the name of a Kubernetes object", status=422, reason="Invalid")


class ResponseTooLargeError(KubeError):
    """The answer is larger than the stated bound, and was not read to its end."""


class ProtocolError(KubeError):
    """The answer is not what a Kubernetes API server sends."""


class ConnectionConfigError(KubeError):
    """A kubeconfig, service account or cluster Secret that cannot be used."""


_BY_REASON: dict[str, type[KubeError]] = {
    "AlreadyExists": AlreadyExistsError,
    "Conflict": ConflictError,
    "Expired": GoneError,
    "Gone": GoneError,
    "Invalid": InvalidError,
    "ServerTimeout": RequestTimeoutError,
    "Timeout": RequestTimeoutError,
}
_BY_STATUS: dict[int, type[KubeError]] = {
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    410: GoneError,
    422: InvalidError,
    429: TooManyRequestsError,
    504: RequestTimeoutError,
}
_STATUS = msgspec.json.Decoder(Status)
_PLAIN_TEXT_LIMIT = 512
_UNTYPED = (
    "failed to create typed patch object",
    "failed to create typed live object",
    "failed to create manager for existing fields",
)
"""An apply with a field the kind does not have, or to an object with an item that lacks its list's keys: the
server answers 500 without a reason (seen in 1.36)."""
_UNREADABLE_VALUE = re.compile(r"failed to convert new object .*: unable to convert unstructured object to ")
"""An apply with a value that is none of its field's type (a quantity, base64): 500, too."""


def error_from(http_status: int, body: bytes, retry_after: float | None = None) -> KubeError:
    """The error for one failed answer. A body that is no Status (a proxy's page) is cut to 512 characters."""
    status = _read_status(body)
    if status is None:
        text = body[:_PLAIN_TEXT_LIMIT].decode(errors="replace").strip() or f"HTTP status {http_status}"
        status = Status(message=text)
    return error_of(status, http_status=http_status, retry_after=retry_after)


def error_of(status: Status, *, http_status: int = 0, retry_after: float | None = None) -> KubeError:
    """The error a `Status` object means, whether it came as an answer or inside a watch."""
    code = http_status or status.code
    details = status.details or StatusDetails()
    if retry_after is None and details.retry_after_seconds:
        retry_after = float(details.retry_after_seconds)
    return _class_of(code, status)(
        status.message or f"HTTP status {code}",
        status=code,
        reason=status.reason,
        causes=tuple(details.causes),
        retry_after=retry_after,
    )


def _class_of(code: int, status: Status) -> type[KubeError]:
    by_reason = _BY_REASON.get(status.reason)
    if by_reason is not None:
        return by_reason
    if status.message.startswith(_UNTYPED) or _UNREADABLE_VALUE.match(status.message):
        return BadRequestError
    by_status = _BY_STATUS.get(code)
    if by_status is not None:
        return by_status
    if code >= 500:
        return UnavailableError
    return BadRequestError if code >= 400 else KubeError


def _read_status(body: bytes) -> Status | None:
    try:
        status = _STATUS.decode(body)
    except msgspec.DecodeError:
        return None
    return status if status.message or status.reason else None
