"""How often strangers may make us look."""

from fairlead.webhooks.throttle import REMEMBERED, Tokens


def test_a_burst_is_taken_then_only_the_rate_and_each_key_for_itself() -> None:
    now = 0.0
    tokens = Tokens(3, 1, clock=lambda: now)
    assert [tokens.take("a") for _ in range(5)] == [True, True, True, False, False]
    assert tokens.take("b")
    now = 1.0
    assert [tokens.take("a") for _ in range(2)] == [True, False]


def test_what_is_remembered_of_strangers_is_bounded() -> None:
    tokens = Tokens(1, 0, clock=lambda: 0.0)
    for n in range(REMEMBERED + 10):
        tokens.take(str(n))
    assert tokens.take("0")
    assert not tokens.take(str(REMEMBERED + 9))
