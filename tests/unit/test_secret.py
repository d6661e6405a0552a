"""A secret keeps to itself."""

import pickle

import msgspec
import pytest

from fairlead.secret import Secret


@pytest.mark.parametrize("shown", [repr, str, "{}".format, "{0!r:>20}".format, lambda s: f"{s}"])
def test_a_secret_is_not_in_any_form_it_is_printed_in(shown: object) -> None:
    assert callable(shown)
    assert "hunter2" not in shown(Secret("hunter2"))


def test_a_secret_is_neither_pickled_nor_encoded() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret("hunter2"))
    with pytest.raises(TypeError):
        msgspec.json.encode(Secret("hunter2"))


def test_an_empty_secret_matches_nothing_not_even_nothing() -> None:
    assert not Secret("").matches("")
    assert Secret("a").matches("a")
    assert Secret("a").matches(b"a")
    assert not Secret("a").matches("b")
    assert Secret("a") == Secret("a")
    assert Secret("a") != "a"
