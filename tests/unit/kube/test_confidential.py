"""Of a refused Secret the fields and known sentences are told, and nothing else."""

import time

import pytest

from fairlead.kube.confidential import confidential, names_secrets
from fairlead.kube.dry_run import refuses_dry_run
from fairlead.kube.errors import Cause, KubeError, error_of
from fairlead.kube.errors import Status as Answer

CANARY = "c4n4ry"


def told(message: str, *, code: int = 422, reason: str = "Invalid", field: str = "") -> KubeError:
    error = error_of(Answer(message=message, reason=reason, code=code))
    error.causes = (Cause(reason="FieldValueInvalid", message=message, field=field),) if field else ()
    return confidential(error)


@pytest.mark.parametrize(
    "message",
    [
        "failed to create typed patch object (ns/s; /v1, Kind=Secret): .stringData.pin: expected string, got "
        f"&value.valueUnstructured{{Value:{CANARY}}}",
        f'Secret "s" is invalid: data[a]: Invalid value: "{CANARY}": a valid config key must consist of',
        f'admission webhook "w.example" denied the request: value {CANARY} is weak',
        f"ValidatingAdmissionPolicy 'p' with binding 'b' denied request: {CANARY}",
        f"json: cannot unmarshal {CANARY} into Go struct field",
        f'secrets "s" is forbidden: User "u" cannot patch resource "secrets" in API group "": {CANARY}',
        f'secrets "{CANARY} x" not found',
        f"x: .a: field not declared in schema, got {CANARY}: field not declared in schema",
        CANARY,
    ],
)
@pytest.mark.parametrize("code", [400, 403, 404, 409, 422, 500])
def test_no_value_passes(message: str, code: int) -> None:
    error = told(message, code=code, reason="", field=f"data[{CANARY} x]")
    assert CANARY not in f"{error} {error.message} {error.args} {error.causes}"


@pytest.mark.parametrize("code", [429, 502, 503, 504])
def test_a_webhook_that_denies_as_if_it_were_away_tells_no_value(code: int) -> None:
    text = f'admission webhook "w.example" denied the request: value {CANARY} is weak'
    assert CANARY not in str(told(text, code=code, reason="ServiceUnavailable"))


def test_the_field_and_what_is_wrong_with_it_are_told() -> None:
    error = told(
        'Secret "s" is invalid: data: Forbidden: field is immutable when `immutable` is set', field="data"
    )
    assert "data" in error.message
    assert "it is immutable" in error.message
    typed = told(
        "failed to create typed patch object (n/s; /v1, Kind=Secret): .metadata.labels.a: expected string"
    )
    assert ".metadata.labels.a" in typed.message
    assert type(typed) is type(error)


def test_the_right_that_is_missing_is_told_word_for_word() -> None:
    text = (
        'secrets "s" is forbidden: User "system:serviceaccount:a:b" cannot patch resource "secrets" in API '
        'group "" in the namespace "n"'
    )
    assert told(text, code=403, reason="Forbidden").message == text


def test_a_secret_is_known_by_its_path() -> None:
    assert names_secrets("/api/v1/namespaces/n/secrets/s")
    assert names_secrets("/api/v1/namespaces/n/secrets")
    assert not names_secrets("/api/v1/namespaces/secrets/configmaps/s")
    assert not names_secrets("/apis/x.io/v1/namespaces/n/secrets/s")


def test_a_webhook_that_knows_no_dry_run_can_still_be_told_apart() -> None:
    text = 'admission webhook "w.example.com" does not support dry run'
    assert refuses_dry_run(told(text, code=400, reason="BadRequest"))


@pytest.mark.parametrize("message", ["a.", "a[b.c].", "[a", ".a", 'secrets "a.', "Kind=Secret): .a"])
def test_names_with_many_dots_cost_nothing(message: str) -> None:
    begun = time.process_time()
    told(f'Secret "{message * 5000}" is invalid: metadata.labels: field not declared')
    told("x", field=message * 5000)
    assert time.process_time() - begun < 5


def test_all_undeclared_fields_are_told() -> None:
    text = (
        "n/s; /v1, Kind=Secret): errors: .spec.a[x.y]: field not declared in schema; .b: field not declared"
    )
    assert "[x.y]: field not declared in schema" in told(f"{text} in schema").message
    assert ".b: field not declared in schema" in told(f"{text} in schema").message
