"""What repeats itself begins ever more slowly, whatever makes it seem new."""

from fairlead.app_controller.looking.pace import CALM, Pace


def test_the_same_sync_begins_ever_more_slowly() -> None:
    pace, moment, waits = Pace(), 100.0, []
    for _ in range(5):
        wait = pace.wait("c1", moment)
        waits.append(wait)
        moment += wait
        pace = pace.begun("c1", moment)
    assert waits == [0.0, 0.0, 2.0, 6.0, 18.0]


def test_another_state_begins_at_once() -> None:
    pace = Pace()
    for _ in range(4):
        pace = pace.begun("c1", 100.0)
    assert pace.wait("c1", 100.0) > 0
    assert pace.wait("c2", 100.0) == 0.0
    assert pace.wait("c1", 100.0 + CALM + 1) == 0.0
