"""Sealing: what was sealed opens where it belongs, with its key, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.secret.seal import OVERHEAD, Seal, derive

KEY = derive(b"a secret that is long enough", "tests")
SEAL = Seal(KEY)


@given(st.binary(max_size=2000), st.text(max_size=50))
def test_what_was_sealed_opens_in_its_place_only(plain: bytes, context: str) -> None:
    sealed = SEAL.seal(context, plain)
    assert SEAL.open(context, sealed) == plain
    assert SEAL.open(context + "x", sealed) is None
    assert len(sealed) == len(plain) + OVERHEAD
    assert len(plain) < 4 or plain not in sealed


def test_the_same_text_is_sealed_otherwise_each_time() -> None:
    assert SEAL.seal("place", b"text") != SEAL.seal("place", b"text")


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_one_changed_byte_opens_nothing(place: int, change: int) -> None:
    sealed = bytearray(SEAL.seal("place", b"some text"))
    sealed[place % len(sealed)] ^= change
    assert SEAL.open("place", bytes(sealed)) is None


@pytest.mark.parametrize("length", range(45))
def test_a_message_that_was_cut_opens_nothing(length: int) -> None:
    assert SEAL.open("place", SEAL.seal("place", b"some text")[:length]) is None


def test_a_key_for_one_purpose_opens_nothing_of_another() -> None:
    other = Seal(derive(b"a secret that is long enough", "something else"))
    assert other.open("place", SEAL.seal("place", b"text")) is None


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 16 bytes"):
        derive(b"short", "tests")
