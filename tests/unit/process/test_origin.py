"""Who has surely ended: earlier containers of a pod, not who runs beside us in it."""

import os

from fairlead.process.origin import has_ended, origin

POD = {"POD_UID": "5f0c"}


def test_an_earlier_container_of_the_same_pod_has_ended() -> None:
    assert has_ended(origin(POD), origin(POD))
    assert not has_ended(origin({"POD_UID": "other"}), origin(POD))


def test_a_process_beside_us_in_our_pod_has_not_ended_while_it_runs() -> None:
    beside = origin(POD, life="a")
    assert not has_ended(beside, origin(POD, life="a"))
    gone = beside.replace(f":{os.getpid()}:", ":4194303:")
    assert has_ended(gone, origin(POD, life="a"))
    reused = beside.rpartition(":")[0] + ":1"
    assert has_ended(reused, origin(POD, life="a"))


def test_whoever_ran_in_another_life_of_our_container_has_ended() -> None:
    assert has_ended(origin(POD, life="a"), origin(POD, life="b"))
    assert has_ended(origin(POD), origin(POD, life="b"))
    assert has_ended(origin(POD, life="a"), origin(POD))
    assert not has_ended(origin(POD, life="a"), origin({"POD_UID": "other"}, life="a"))


def test_a_process_of_this_machine_has_ended_when_it_is_no_more() -> None:
    ours = origin({})
    assert not has_ended(ours, ours)
    assert has_ended(ours.replace(f":{os.getpid()}:", ":4194303:"), ours)
    assert not has_ended("", ours)
    assert not has_ended(ours, origin(POD))
