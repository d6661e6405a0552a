"""Logging in."""

import asyncio

import pytest

from fairlead.auth.accounts import Account, Capability
from fairlead.auth.errors import LoginRefusedError
from fairlead.auth.login import WRONG, Login
from fairlead.auth.passwords import Passwords
from fairlead.auth.sessions import Claims, Sessions
from fairlead.auth.throttle import LIMIT
from fairlead.secret import Secret


class Never:
    async def revoke(self, claims: Claims) -> None:
        raise AssertionError(claims)

    def is_revoked(self, _: Claims) -> bool:
        return False


async def login_of(**more: object) -> Login:
    hashed = Secret(await Passwords().hash("right password"))
    account = {"capabilities": (Capability.LOGIN,), "password_hash": hashed, **more}
    accounts = {"admin": Account(name="admin", **account)}  # type: ignore[arg-type]
    sessions = Sessions(lambda: Secret("a key that is long enough to sign with"), lambda: accounts, Never())
    return Login(lambda: accounts, sessions, pause=(0.0, 0.0))


async def refusal(login: Login, username: str, password: str) -> str:
    with pytest.raises(LoginRefusedError) as refused:
        await login.session(username, password)
    return str(refused.value)


async def test_the_right_password_is_enough() -> None:
    assert (await (await login_of()).session("admin", "right password")).count(".") == 2


async def test_a_disabled_account_is_told_so_only_with_the_right_password() -> None:
    login = await login_of(enabled=False)
    assert await refusal(login, "admin", "wrong") == WRONG
    assert await refusal(login, "admin", "right password") == "Account admin is disabled"


async def test_an_account_without_the_capability_gets_no_session() -> None:
    login = await login_of(capabilities=(Capability.API_KEY,))
    words = await refusal(login, "admin", "right password")
    assert words == "Account admin does not have login capability"


async def test_a_race_of_guesses_gets_no_more_tries_than_a_queue_of_them() -> None:
    login = await login_of()
    guesses = [login.session("admin", f"guess {number}") for number in range(2 * LIMIT)]
    assert all(
        isinstance(r, LoginRefusedError) for r in await asyncio.gather(*guesses, return_exceptions=True)
    )
    assert await refusal(login, "admin", "right password") == WRONG


async def test_many_at_once_with_the_right_password_all_get_a_session() -> None:
    login = await login_of()
    async with asyncio.timeout(120):
        tokens = await asyncio.gather(*(login.session("admin", "right password") for _ in range(12)))
    assert len(set(tokens)) == 12


async def test_a_lock_out_of_one_address_is_none_of_another() -> None:
    login = await login_of()
    for _ in range(LIMIT + 1):
        with pytest.raises(LoginRefusedError):
            await login.session("admin", "wrong", address="10.0.0.1")
    with pytest.raises(LoginRefusedError):
        await login.session("admin", "right password", address="10.0.0.1")
    assert await login.session("admin", "right password", address="10.0.0.2")
