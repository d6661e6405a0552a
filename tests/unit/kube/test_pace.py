from fairlead.kube.pace import LONGEST_WAIT, Pace


class _Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_waits_grow_to_the_longest_and_no_further() -> None:
    pace = Pace(_Clock())
    waits = [pace.failed() for _ in range(20)]
    assert waits[0] <= 0.25
    assert all(wait <= LONGEST_WAIT for wait in waits)
    assert min(waits[8:]) >= LONGEST_WAIT / 2


def test_requests_without_progress_stay_below_one_a_second() -> None:
    for _ in range(50):
        clock, requests = _Clock(), 0
        pace = Pace(clock)
        while clock.now < 30:
            pace.begin()
            requests += 1
            clock.now += pace.ended(progress=False)
        assert requests <= 30


def test_a_long_request_that_brought_something_is_followed_at_once() -> None:
    clock = _Clock()
    pace = Pace(clock)
    pace.failed()
    pace.begin()
    clock.now += 300
    assert pace.ended(progress=True) == 0
    assert pace.failures == 0


def test_a_long_request_that_breaks_starts_over_with_short_waits() -> None:
    clock = _Clock()
    pace = Pace(clock)
    for _ in range(10):
        pace.failed()
    pace.begin()
    clock.now += 300
    assert pace.failed() <= 0.25


def test_the_server_is_given_the_time_it_asks_for() -> None:
    assert Pace(_Clock()).failed(9.0) >= 9.0
    assert Pace(_Clock()).failed(3600.0) <= LONGEST_WAIT
