"""Guessing is counted, being many is not."""

import asyncio

import pytest

from fairlead.auth.throttle import LIMIT, LIMIT_OF_NAME, NAMES, WINDOW, LoginThrottle, place_of


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Shelf:
    """Tallies that replicas share; `writes` counts."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[bytes, int]] = {}

    async def read(self, key: str) -> tuple[bytes, int]:
        await asyncio.sleep(0)
        return self.kept.get(key, (b"", 0))

    async def write(self, key: str, value: bytes, revision: int) -> bool:
        await asyncio.sleep(0)
        if self.kept.get(key, (b"", 0))[1] != revision:
            return False
        self.kept[key] = (value, revision + 1)
        return True


async def guess(
    throttle: LoginThrottle,
    name: str = "admin",
    address: str = "10.0.0.1",
    *,
    right: bool = False,
    exists: bool = True,
) -> bool:
    """Whether a guess was looked at."""
    async with throttle.attempt(name, address, exists=exists) as attempt:
        await asyncio.sleep(0)
        if attempt is not None and right:
            attempt.succeeded()
        return attempt is not None


async def test_after_the_limit_guesses_are_refused_until_the_window_is_over() -> None:
    clock = Clock()
    throttle = LoginThrottle(clock=clock)
    assert [await guess(throttle) for _ in range(LIMIT + 1)] == [True] * LIMIT + [False]
    clock.now += WINDOW - 1
    assert not await guess(throttle)
    clock.now += 1
    assert await guess(throttle)


async def test_a_success_clears_the_count() -> None:
    throttle = LoginThrottle()
    for _ in range(LIMIT - 1):
        await guess(throttle)
    await guess(throttle, right=True)
    assert [await guess(throttle) for _ in range(LIMIT + 1)] == [True] * LIMIT + [False]


async def test_the_right_password_is_never_refused_for_being_many_at_once() -> None:
    throttle = LoginThrottle(Shelf())
    async with asyncio.timeout(60):
        assert all(await asyncio.gather(*(guess(throttle, right=True) for _ in range(60))))


async def test_a_race_of_guesses_gets_no_more_tries_than_a_queue_of_them() -> None:
    throttle = LoginThrottle(Shelf())
    async with asyncio.timeout(60):
        looked_at = await asyncio.gather(*(guess(throttle) for _ in range(60)))
    assert sum(looked_at) == LIMIT


async def test_replicas_count_together_and_after_a_restart() -> None:
    shelf = Shelf()
    replicas = [LoginThrottle(shelf), LoginThrottle(shelf)]
    looked_at = [await guess(replicas[n % 2]) for n in range(10)]
    assert looked_at == [True] * LIMIT + [False] * (10 - LIMIT)
    assert not await guess(LoginThrottle(shelf))


async def test_guesses_from_one_address_lock_out_nobody_at_another() -> None:
    throttle = LoginThrottle(Shelf())
    for _ in range(LIMIT + 1):
        await guess(throttle, address="10.0.0.1")
    assert await guess(throttle, address="10.0.0.2", right=True)


async def test_guesses_from_very_many_addresses_are_stopped_except_where_the_account_is_at_home() -> None:
    throttle = LoginThrottle(Shelf())
    await guess(throttle, address="192.0.2.1", right=True)
    looked_at = [await guess(throttle, address=f"10.0.{n}.1") for n in range(LIMIT_OF_NAME + 20)]
    assert sum(looked_at) == LIMIT_OF_NAME
    assert not await guess(throttle, address="10.9.9.9", right=True)
    assert await guess(throttle, address="192.0.2.1", right=True)


async def test_made_up_names_cannot_push_out_the_count_of_a_real_account_and_are_not_shared() -> None:
    shelf = Shelf()
    throttle = LoginThrottle(shelf)
    for _ in range(LIMIT):
        await guess(throttle)
    before = len(shelf.kept)
    for number in range(NAMES + 10):
        await guess(throttle, f"nobody-{number}", exists=False)
    assert not await guess(throttle)
    assert len(throttle._made_up) == NAMES
    assert len(shelf.kept) == before


async def test_an_attempt_that_is_given_up_counts_nothing_and_blocks_nobody() -> None:
    throttle = LoginThrottle()

    async def hang() -> None:
        async with throttle.attempt("admin", "a", exists=True):
            await asyncio.Event().wait()

    hanging = [asyncio.create_task(hang()) for _ in range(LIMIT)]
    await asyncio.sleep(0.05)
    waiting = asyncio.create_task(guess(throttle, address="a", right=True))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    for task in hanging:
        task.cancel()
    async with asyncio.timeout(120):
        assert await waiting
    assert not throttle._gates


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("10.0.0.1", "10.0.0.2", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("no address", "no address", True),
    ],
)
def test_of_ipv6_the_network_counts(one: str, other: str, same: bool) -> None:
    assert (place_of(one) == place_of(other)) is same
