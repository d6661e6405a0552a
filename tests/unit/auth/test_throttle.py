"""Guessing is counted."""

from fairlead.auth.throttle import LIMIT, NAMES, WINDOW, LoginThrottle


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_sixth_attempt_within_the_window_is_refused_and_after_it_allowed() -> None:
    clock = Clock()
    throttle = LoginThrottle(clock)
    assert [throttle.begin("admin", exists=True) for _ in range(LIMIT + 1)] == [True] * LIMIT + [False]
    clock.now = WINDOW - 1
    assert not throttle.begin("admin", exists=True)
    clock.now = WINDOW
    assert throttle.begin("admin", exists=True)


def test_a_success_clears_the_count() -> None:
    throttle = LoginThrottle(Clock())
    for _ in range(LIMIT):
        throttle.begin("admin", exists=True)
    throttle.succeeded("admin")
    assert throttle.begin("admin", exists=True)


def test_made_up_names_cannot_push_out_the_count_of_a_real_account() -> None:
    throttle = LoginThrottle(Clock())
    for _ in range(LIMIT):
        throttle.begin("admin", exists=True)
    for number in range(NAMES + 10):
        throttle.begin(f"nobody-{number}", exists=False)
    assert not throttle.begin("admin", exists=True)
    assert len(throttle._made_up) == NAMES
