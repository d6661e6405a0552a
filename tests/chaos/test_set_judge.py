"""The judge of ApplicationSets sees each kind of wrong, and nothing wrong in what is right."""

import json
from collections.abc import Mapping
from typing import Any

from tests.chaos.history import History
from tests.chaos.recording import Write
from tests.chaos.set_judge import (
    Life,
    Rolled,
    early_steps,
    overwritten,
    restless,
    two_writers_of_sets,
    unfinished_set,
    unsettled,
    wrong_deletions,
)
from tests.chaos.set_story import Vanished
from tests.chaos.sets import Set

DIRS = Set(name="dirs", kind="dirs", repo="repo", pool=("a", "b"), first=2)
LISTED = Set(name="listed", kind="listed", repo="repo", pool=("a",), first=1)
ROLLING = Set(name="rolling", kind="rolling", repo="repo", pool=("one-a", "two-a"), first=2)
ONE, TWO = "applicationset-controller", "applicationset-controller-2"
BOTH = {"a": "1", "b": "1"}


def _history(name: str, *folders: Mapping[str, str], every: float = 100.0) -> History:
    history = History()
    for number, content in enumerate(folders):
        history.add(
            f"c{number}", {}, before=number * every, after=number * every + 1, folders={name: content}
        )
    return history


def _life(died: float | None, *, name: str = "dirs-a", of: str = "dirs", owner: str = "set") -> Life:
    return Life(name=name, uid=f"uid-{name}", of=of, owner=owner, born=0, died=died)


def _wrong(history: History, *lives: Life, one: Set = DIRS, **more: Any) -> list[str]:
    return wrong_deletions(one, history, lives, **{"renewals": {}, "ended": {}, **more})


def test_an_application_whose_folder_was_in_git_all_the_time_is_not_to_be_deleted() -> None:
    (found,) = _wrong(_history("dirs", BOTH, BOTH), _life(150))
    assert found.startswith("I13") and "though a was in Git" in found


def test_an_application_goes_with_its_folder() -> None:
    assert _wrong(_history("dirs", BOTH, {"b": "1"}), _life(150), _life(None, name="dirs-b")) == []


def test_an_application_does_not_go_by_an_absence_of_long_ago() -> None:
    assert len(_wrong(_history("dirs", BOTH, {"b": "1"}, BOTH), _life(350))) == 1


def test_an_application_does_not_go_before_its_folder() -> None:
    assert len(_wrong(_history("dirs", BOTH, {"b": "1"}), _life(50))) == 1


def test_an_application_goes_with_its_set_and_by_hand() -> None:
    history = _history("dirs", BOTH)
    assert _wrong(history, _life(50), renewals={"set": 40.0}) == []
    assert len(_wrong(history, _life(50), renewals={"set": 60.0})) == 1
    assert _wrong(history, _life(50), ended={"uid-dirs-a": 49.0}) == []


def test_a_set_that_deletes_nothing_deletes_nothing() -> None:
    (found,) = _wrong(
        _history("listed", {}),
        _life(50, name="listed-a-second", of="listed"),
        one=LISTED,
        renewals={"set": 40.0},
    )
    assert "deletes nothing" in found


def test_where_all_folders_are_gone_none_goes_unasked() -> None:
    gap = Vanished(name="dirs", folders=("a", "b"), since=100, until=200)
    history = _history("dirs", BOTH, {}, BOTH)
    (found,) = _wrong(history, _life(150), vanished=[gap])
    assert "nobody let go that all were gone" in found
    assert _wrong(_history("dirs", BOTH, {"b": "1"}, BOTH), _life(150), vanished=[gap]) == []


def _kept(*values: str) -> list[str]:
    life = Life(name="listed-a-second", uid="u", of="listed", kept=list(values), limits=[])
    return overwritten([life], {life.name: [1, 2]})


def test_what_is_to_be_kept_stays_as_people_wrote_it() -> None:
    assert _kept("", "1", "1", "2") == []
    assert _kept("", "2") == []
    assert "went back to '1'" in _kept("2", "1")[0]
    assert "went back to ''" in _kept("1", "")[0]
    assert "as nobody wrote it" in _kept("3")[0]


def test_a_field_that_is_ignored_stays_as_people_wrote_it() -> None:
    life = Life(name="listed-a-second", uid="u", of="listed", kept=[], limits=[None, 1, None])
    (found,) = overwritten([life], {life.name: [1]})
    assert found.startswith("I15: the field")


def _begins(at: float, *, name: str = "rolling-two-a", revision: str = "c1", by: str = ONE) -> Write:
    operation = {"initiatedBy": {"username": ONE}, "sync": {"revision": revision}}
    body = json.dumps({"metadata": {"name": name}, "operation": operation}).encode()
    path = f"/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/{name}"
    return Write(by=by, method="PUT", path=path, body=body, at=at, answered=at, status=200)


def _early(*rolled: Rolled, at: float = 150, died: float | None = None) -> list[str]:
    states = {"one-a": "1", "two-a": "1"}, {"one-a": "2", "two-a": "2"}
    lives = [_life(died, name="rolling-one-a", of="rolling")]
    return early_steps(ROLLING, _history("rolling", *states), [_begins(at)], rolled, lives)


def _rolled(at: float, content: str, *, is_done: bool = True) -> Rolled:
    return Rolled(at=at, folder="one-a", content=content, is_done=is_done)


def test_a_second_step_begins_once_the_first_is_rolled_out() -> None:
    assert _early(_rolled(5, "1"), _rolled(120, "2", is_done=False), _rolled(130, "2")) == []


def test_a_second_step_is_not_to_begin_before_the_first_is_rolled_out() -> None:
    (found,) = _early(_rolled(5, "1"))
    assert found.startswith("I16") and "two-a" in found
    assert len(_early(_rolled(5, "1"), _rolled(120, "2", is_done=False))) == 1
    assert len(_early(_rolled(5, "1"), _rolled(160, "2"))) == 1


def test_a_step_waits_for_none_that_is_gone() -> None:
    assert _early(_rolled(5, "1"), died=140) == []


def _written(at: float, by: str) -> Write:
    path = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/dirs-a"
    return Write(by=by, method="PUT", path=path, at=at, answered=at, status=200)


def test_two_living_replicas_that_take_turns_at_a_set_are_wrong() -> None:
    writes = [_written(1, ONE), _written(2, TWO), _written(3, ONE)]
    (found,) = two_writers_of_sets(writes, [], within=5)
    assert found.startswith("I17")
    assert two_writers_of_sets(writes, [(1.5, ONE)], within=5) == []
    assert two_writers_of_sets(writes[:2], [], within=5) == []


def test_at_rest_a_set_writes_nothing() -> None:
    assert restless([_written(1, ONE)], 2) == []
    assert len(restless([_written(3, ONE)], 2)) == 1


def _app(name: str, *, sync: str = "Synced", edition: str = "0", of: str = "dirs") -> dict[str, Any]:
    labels = {"chaos-set": of, "edition": edition}
    status = {"sync": {"status": sync}, "health": {"status": "Healthy"}}
    return {"metadata": {"name": name, "labels": labels}, "status": status}


def _unfinished(*apps: dict[str, Any], deployed: Mapping[str, str | None], one: Set = DIRS) -> list[str]:
    folders = {"a": "1"} if one.deletes else {"shared": "1"}
    wanted = one.children(folders, ["a"])
    return unfinished_set(one, folders, wanted, apps, deployed, ever={"listed-b-second"}, edition=0)


def test_at_rest_there_is_an_application_for_each_folder_as_git_has_it() -> None:
    deployed = {"set-dirs-a": "1"}
    assert _unfinished(_app("dirs-a"), deployed=deployed) == []
    assert "there is no dirs-a" in _unfinished(deployed={})[0]
    assert "dirs-b is left" in _unfinished(_app("dirs-a"), _app("dirs-b"), deployed=deployed)[0]
    assert "Git wants 1" in _unfinished(_app("dirs-a"), deployed={"set-dirs-a": "0"})[0]
    assert "OutOfSync" in _unfinished(_app("dirs-a", sync="OutOfSync"), deployed=deployed)[0]
    assert "edition 1" in _unfinished(_app("dirs-a", edition="1"), deployed=deployed)[0]
    assert "what dirs-b deployed" in _unfinished(_app("dirs-a"), deployed={**deployed, "set-dirs-b": "1"})[0]


def test_at_rest_a_set_says_that_all_is_well_and_nothing_is_under_way() -> None:
    well = [{"type": "ErrorOccurred", "status": "False"}, {"type": "ResourcesUpToDate", "status": "True"}]
    ill = [{"type": "ErrorOccurred", "status": "True"}, {"type": "ResourcesUpToDate", "status": "True"}]

    def said(conditions: list[dict[str, str]], stage: str = "Healthy") -> list[str]:
        statuses = [{"application": "rolling-one-a", "status": stage}]
        return unsettled(
            {"metadata": {"name": "x"}, "status": {"conditions": conditions, "applicationStatus": statuses}}
        )

    assert said(well) == []
    assert "says ErrorOccurred True" in said(ill)[0]
    assert len(said([])) == 2
    assert "rolling-one-a of set x is not rolled out" in said(well, "Pending")[0]


def test_at_rest_a_set_that_deletes_nothing_has_all_it_ever_had() -> None:
    names = ("listed-a-in-cluster", "listed-a-second", "listed-b-second")
    deployed = {f"set-{name}": "1" for name in names}
    apps = [_app(name, of="listed") for name in names]
    assert _unfinished(*apps, deployed=deployed, one=LISTED) == []
    del deployed["set-listed-b-second"]
    assert "what listed-b-second deployed" in _unfinished(*apps, deployed=deployed, one=LISTED)[0]
