"""Passwords are hashed, generated and refused."""

import re

import bcrypt
import pytest

from fairlead.auth import passwords
from fairlead.auth.bootstrap import first_password, hash_of, now, signing_key
from fairlead.auth.errors import WeakPasswordError
from fairlead.auth.passwords import Passwords
from fairlead.secret import Secret


async def test_a_password_has_its_own_hash_and_no_other() -> None:
    hashing = Passwords()
    hashed = Secret(await hashing.hash("correct horse"))
    assert await hashing.verify("correct horse", hashed)
    assert not await hashing.verify("wrong horse", hashed)


@pytest.mark.parametrize("stored", [None, Secret(""), Secret("not a hash")])
async def test_without_a_usable_hash_no_password_is_right(stored: Secret | None) -> None:
    assert not await Passwords().verify("anything", stored)


def test_generated_passwords_have_the_form_operators_know_and_never_repeat() -> None:
    made = {passwords.generate() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"[0-9A-Za-z-]{16}", password) for password in made)


@pytest.mark.parametrize("weak", ["short", "x" * 33])
def test_a_password_outside_the_pattern_is_refused(weak: str) -> None:
    with pytest.raises(WeakPasswordError, match="new password does not match the following expression"):
        passwords.require_strong(weak)


def test_a_password_longer_than_bcrypt_reads_is_refused_whatever_the_pattern() -> None:
    with pytest.raises(WeakPasswordError):
        passwords.require_strong("x" * 73, ".*")


def test_a_first_password_and_its_hash_fit_together_and_no_key_is_made_twice() -> None:
    password = first_password()
    assert bcrypt.checkpw(password.reveal().encode(), hash_of(password).encode())
    assert len({signing_key() for _ in range(10)}) == 10
    assert len(signing_key()) == 44
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", now())
