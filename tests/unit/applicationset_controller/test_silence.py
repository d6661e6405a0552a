"""A host that does not answer is waited for by one set at a time."""

from __future__ import annotations

from fairlead.applicationset_controller.generating.hosts.silence import FIRST, LONGEST, SLOW, Silences


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_silent_host_is_asked_by_one_at_a_time_after_a_pause_that_grows() -> None:
    clock = Clock()
    silences = Silences(clock)
    assert [silences.admit("git.example") for _ in range(8)] == [0.0] * 8
    for _ in range(8):
        silences.ended("git.example", SLOW + 55, is_answered=False)
    assert silences.admit("git.example") == FIRST
    assert silences.admit("other.example") == 0.0
    clock.now += FIRST
    assert silences.admit("git.example") == 0.0
    assert silences.admit("git.example") == 1.0
    silences.ended("git.example", SLOW, is_answered=False)
    assert silences.admit("git.example") == 2 * FIRST
    for _ in range(10):
        clock.now += LONGEST
        assert silences.admit("git.example") == 0.0
        silences.ended("git.example", SLOW, is_answered=False)
    assert silences.admit("git.example") == LONGEST
    clock.now += LONGEST
    assert silences.admit("git.example") == 0.0
    silences.ended("git.example", 1.0, is_answered=True)
    assert [silences.admit("git.example") for _ in range(3)] == [0.0] * 3


def test_what_fails_at_once_or_is_broken_off_holds_nobody_up() -> None:
    clock = Clock()
    silences = Silences(clock)
    silences.ended("git.example", 0.1, is_answered=False)
    assert silences.admit("git.example") == 0.0
    silences.ended("git.example", SLOW, is_answered=False)
    clock.now += FIRST
    assert silences.admit("git.example") == 0.0
    silences.ended("git.example", 0.1, is_answered=False)
    assert silences.admit("git.example") == 0.0, "the next may try"
