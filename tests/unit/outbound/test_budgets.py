"""A host that asks to wait is left alone, for as long as it says and within reason."""

import time
from email.utils import formatdate

import pytest

from fairlead.outbound.budgets import LONGEST_WAIT, MOST_HOSTS, UNTOLD_WAIT, Budgets
from fairlead.outbound.errors import AskedTooOftenError

HOST = "git.example"


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {}, UNTOLD_WAIT),
        (429, {"Retry-After": "7"}, 7),
        (503, {"Retry-After": "7"}, 7),
        (403, {"Retry-After": "9"}, 9),
        (429, {"Retry-After": "999999999"}, LONGEST_WAIT),
        (429, {"Retry-After": "-5"}, UNTOLD_WAIT),
        (429, {"Retry-After": "nan"}, UNTOLD_WAIT),
        (429, {"Retry-After": "soon"}, UNTOLD_WAIT),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "30"}, 30),
        (429, {"RateLimit-Remaining": "0", "RateLimit-Reset": "30"}, 30),
        (403, {"X-RateLimit-Remaining": "0"}, UNTOLD_WAIT),
    ],
)
def test_a_host_is_left_alone_for_as_long_as_it_asks(
    status: int, headers: dict[str, str], seconds: float
) -> None:
    budgets = Budgets()
    budgets.heed(HOST, status, headers)
    assert budgets.waits(HOST) == pytest.approx(seconds, abs=5)
    with pytest.raises(AskedTooOftenError, match=r"git\.example has been asked too often .* asked again in"):
        budgets.admit(HOST)
    budgets.admit("other.example")


def test_times_are_read_as_dates_and_as_seconds_since_1970() -> None:
    budgets = Budgets()
    budgets.heed("a", 503, {"Retry-After": formatdate(time.time() + 40, usegmt=True)})
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time() + 50))}
    budgets.heed("b", 403, headers)
    assert budgets.waits("a") == pytest.approx(40, abs=5)
    assert budgets.waits("b") == pytest.approx(50, abs=5)


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (200, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "30"}),
        (403, {}),
        (403, {"X-RateLimit-Remaining": "12"}),
        (503, {}),
        (404, {"Retry-After": "7"}),
    ],
)
def test_what_does_not_ask_to_wait_is_no_reason_to(status: int, headers: dict[str, str]) -> None:
    budgets = Budgets()
    budgets.heed(HOST, status, headers)
    budgets.admit(HOST)


def test_a_shorter_wait_does_not_end_a_longer_one_and_all_is_told() -> None:
    told: list[tuple[str, float | None, float]] = []
    budgets = Budgets(lambda host, remaining, waits: told.append((host, remaining, round(waits))))
    budgets.heed(HOST, 200, {"X-RateLimit-Remaining": "4999"})
    budgets.hold(HOST, 100)
    budgets.hold(HOST, 5)
    assert told == [(HOST, 4999, 0), (HOST, None, 100), (HOST, None, 100)]


def test_hosts_are_remembered_within_a_bound() -> None:
    budgets = Budgets()
    for number in range(MOST_HOSTS + 10):
        budgets.hold(f"h{number}")
    budgets.admit("h0")
    assert budgets.waits(f"h{MOST_HOSTS + 9}") > 0
