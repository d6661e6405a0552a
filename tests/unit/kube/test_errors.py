import msgspec
import pytest

from fairlead.kube.errors import (
    AlreadyExistsError,
    BadRequestError,
    ConflictError,
    ForbiddenError,
    GoneError,
    InvalidError,
    KubeError,
    NotFoundError,
    RequestTimeoutError,
    TooManyRequestsError,
    TransientError,
    UnauthorizedError,
    UnavailableError,
    error_from,
)


def _status(code: int, reason: str, **more: object) -> bytes:
    return msgspec.json.encode(
        {"kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": "as said", **more}
    )


@pytest.mark.parametrize(
    ("code", "reason", "expected"),
    [
        (400, "BadRequest", BadRequestError),
        (401, "Unauthorized", UnauthorizedError),
        (403, "Forbidden", ForbiddenError),
        (404, "NotFound", NotFoundError),
        (409, "Conflict", ConflictError),
        (409, "AlreadyExists", AlreadyExistsError),
        (410, "Expired", GoneError),
        (410, "Gone", GoneError),
        (422, "Invalid", InvalidError),
        (429, "TooManyRequests", TooManyRequestsError),
        (500, "InternalError", UnavailableError),
        (503, "ServiceUnavailable", UnavailableError),
        (504, "Timeout", RequestTimeoutError),
        (415, "UnsupportedMediaType", BadRequestError),
    ],
)
def test_a_status_becomes_the_error_of_its_reason(code: int, reason: str, expected: type[KubeError]) -> None:
    error = error_from(code, _status(code, reason))
    assert type(error) is expected
    assert error.message == "as said"
    assert error.status == code


def test_an_answer_that_is_no_status_is_mapped_by_its_code_and_cut_short() -> None:
    error = error_from(502, b"<html>" + b"x" * 10_000)
    assert isinstance(error, TransientError)
    assert len(error.message) == 512


def test_an_undeclared_field_is_our_fault_although_the_server_says_500() -> None:
    message = (
        "failed to create typed patch object (/a; /v1, Kind=ConfigMap): .x: field not declared in schema"
    )
    assert type(error_from(500, _status(500, "", message=message))) is BadRequestError


def test_a_value_of_another_type_is_our_fault_although_the_server_says_500() -> None:
    message = (
        "failed to convert new object (/x; /v1, Kind=PersistentVolume) to proper version: unable to convert "
        "unstructured object to /v1, Kind=PersistentVolume: quantities must match the regular expression"
    )
    assert type(error_from(500, _status(500, "", message=message))) is BadRequestError


def test_a_live_object_that_no_apply_can_read_is_not_taken_for_trouble_of_the_cluster() -> None:
    message = (
        "failed to create manager for existing fields: failed to convert new object (/x; /v1, "
        "Kind=ServiceAccount) to smd typed: .secrets: element 1: associative list with keys has an element "
        'that omits all key fields ["name"] (and doesn\'t have default values for any key fields)'
    )
    assert type(error_from(500, _status(500, "", message=message))) is BadRequestError


def test_an_empty_answer_still_says_something() -> None:
    assert error_from(503, b"").message == "HTTP status 503"


def test_causes_are_kept_so_that_nobody_matches_words() -> None:
    causes = [{"reason": "FieldManagerConflict", "message": "conflict with kubectl", "field": ".data.a"}]
    error = error_from(409, _status(409, "Conflict", details={"causes": causes}))
    assert error.has_cause("FieldManagerConflict")
    assert not error.has_cause("FieldValueInvalid")


def test_a_wait_in_the_body_counts_when_the_header_is_missing() -> None:
    body = _status(429, "TooManyRequests", details={"retryAfterSeconds": 7})
    assert error_from(429, body).retry_after == 7
    assert error_from(429, body, 2.0).retry_after == 2
