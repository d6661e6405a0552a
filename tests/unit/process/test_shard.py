"""Who owns what is the same for everybody who sees the same members."""

import os
import subprocess
import sys

from fairlead.process.origin import has_ended, origin
from fairlead.process.shard import View

KEYS = [f"https://cluster-{number}.example" for number in range(300)]


def test_every_key_has_one_owner_and_all_have_about_as_many() -> None:
    view = View(members={"a": 0, "b": 1, "c": 2})
    owners = [view.owner(key) for key in KEYS]
    assert {owners.count(member) > 60 for member in "abc"} == {True}


def test_who_leaves_moves_only_what_was_its_own() -> None:
    before, after = View(members={"a": 0, "b": 1, "c": 2}), View(members={"a": 0, "c": 2})
    moved = [key for key in KEYS if before.owner(key) != after.owner(key)]
    assert moved == [key for key in KEYS if before.owner(key) == "b"]


def test_a_pinned_key_goes_to_its_shard_and_to_anybody_while_that_is_away() -> None:
    pins = dict.fromkeys(KEYS, 1)
    assert {View(members={"a": 0, "b": 1}, pins=pins).owner(key) for key in KEYS} == {"b"}
    assert {View(members={"a": 0, "c": 2}, pins=pins).owner(key) for key in KEYS} == {"a", "c"}


def test_nobody_owns_anything_in_a_view_without_members() -> None:
    assert View(members={}).owner("x") == ""


def test_a_process_of_this_machine_has_ended_once_it_is_gone_and_a_stopped_one_has_not() -> None:
    program = "from fairlead.process.origin import origin; print(origin({}), flush=True); input()"
    child = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    theirs = child.stdout.readline().strip()
    assert not has_ended(theirs, origin({}))
    os.kill(child.pid, 19)
    assert not has_ended(theirs, origin({}))
    child.kill()
    child.communicate()
    assert has_ended(theirs, origin({}))


def test_an_earlier_container_of_our_pod_has_ended_and_another_pod_of_our_name_may_not_have() -> None:
    ours = origin({"POD_UID": "u-2"})
    assert has_ended("pod:u-2", ours)
    assert not has_ended("pod:u-1", ours)
    assert not has_ended("process:elsewhere:1:2", ours)
    assert not has_ended("", ours)
