"""A Secret is applied in one spelling, or refused without a word of what it holds."""

from typing import Any

import pytest

from fairlead.manifest.errors import SecretError
from fairlead.manifest.secret import checked_secret

CANARY = "c4n4ry"


def secret(**fields: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, **fields}


def test_plain_texts_become_data_and_keys_without_value_are_left_out() -> None:
    given = secret(data={"a": "YQ==", "none": None}, stringData={"b": "b", "none": None})
    assert checked_secret(given)["data"] == {"a": "YQ==", "b": "Yg=="}
    assert "stringData" not in checked_secret(given)
    assert "data" not in checked_secret(secret(data=None))
    assert checked_secret(secret(data={"wrapped": "YW\nJj\r\n"}))["data"] == {"wrapped": "YW\nJj\r\n"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"stringData": {"pin": 12345678}}, "stringData.pin must be a text, not a number"),
        ({"stringData": {"pin": 1.5}}, "stringData.pin must be a text, not a number"),
        ({"stringData": {"on": True}}, "stringData.on must be a text, not true or false"),
        ({"stringData": {"map": {"a": CANARY}}}, "stringData.map must be a text, not a map"),
        ({"stringData": {"list": [CANARY]}}, "stringData.list must be a text, not a list"),
        ({"stringData": CANARY}, "stringData must be a map of texts, not a text"),
        ({"stringData": [CANARY]}, "stringData must be a map of texts, not a list"),
        ({"data": {"pin": 12345678}}, "data.pin must be a text, not a number"),
        ({"data": {"map": {"a": CANARY}}}, "data.map must be a text, not a map"),
        ({"data": 12345678}, "data must be a map of texts, not a number"),
        ({"data": {"plain": f"{CANARY}!"}}, "data.plain is not base64; stringData takes plain text"),
    ],
)
def test_what_is_no_text_is_refused_by_its_place_and_kind_alone(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(SecretError) as refused:
        checked_secret(secret(**fields))
    assert str(refused.value) == f"Secret s: {said}"
