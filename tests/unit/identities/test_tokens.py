"""A token is exchanged for once, and nobody's exchange outlives the process."""

import asyncio

import pytest

from fairlead.identities.tokens import MOST, Token, Tokens


async def test_a_failed_exchange_is_nobodys_answer_but_theirs_who_waited() -> None:
    tokens, tries = Tokens(), list[int]()

    async def exchange() -> Token:
        tries.append(1)
        await asyncio.sleep(0)
        if len(tries) == 1:
            raise ValueError("refused")
        return Token(value="t", seconds=3600)

    outcomes = await asyncio.gather(*(tokens.of(("a",), exchange) for _ in range(3)), return_exceptions=True)
    assert [str(outcome) for outcome in outcomes] == ["refused"] * 3
    assert (await tokens.of(("a",), exchange)).value == "t"
    assert len(tries) == 2


async def test_who_goes_away_takes_nothing_from_the_others_and_a_close_ends_all() -> None:
    tokens, go = Tokens(), asyncio.Event()

    async def exchange() -> Token:
        await go.wait()
        return Token(value="t", seconds=3600)

    first = asyncio.create_task(tokens.of(("a",), exchange))
    second = asyncio.create_task(tokens.of(("a",), exchange))
    await asyncio.sleep(0)
    first.cancel()
    go.set()
    assert (await second).value == "t"
    go.clear()
    third = asyncio.create_task(tokens.of(("b",), exchange))
    await asyncio.sleep(0)
    await tokens.close()
    with pytest.raises(asyncio.CancelledError):
        await third


async def test_tokens_are_kept_within_a_bound() -> None:
    tokens = Tokens()

    async def exchange() -> Token:
        return Token(value="t", seconds=3600)

    for number in range(MOST + 5):
        await tokens.of((number,), exchange)
    assert len(tokens._held) == MOST
    assert "t" not in repr(Token(value="t0k", seconds=1)).replace("Token", "")
