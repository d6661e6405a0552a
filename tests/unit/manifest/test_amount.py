"""How many values JSON holds."""

import msgspec
import pytest

from fairlead.manifest.amount import is_more_than


@pytest.mark.parametrize("one", [{}, [], "a", 1, None, {"a": 1}, {"a": {"b": "c"}}])
def test_many_small_values_are_too_many_in_any_shape(one: object) -> None:
    assert is_more_than(msgspec.json.encode([one] * 1001), 1000)
    assert not is_more_than(msgspec.json.encode([one] * 300), 1000)


@pytest.mark.parametrize("text", [b'"' * 9000, b'"ab' * 9000, b"{" * 9000, b'"\\\\"' * 9000])
def test_what_is_no_json_takes_no_more(text: bytes) -> None:
    assert is_more_than(text, 1000)


def test_what_stands_in_strings_does_not_count() -> None:
    manifest = msgspec.json.encode({"data": {str(n): 'say "{[,"' for n in range(900)}}).decode()
    assert not is_more_than(msgspec.json.encode({"manifests": [manifest] * 50}), 1000)
