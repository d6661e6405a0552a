"""The judge sees each kind of wrong, and nothing wrong in what is right."""

import json

from tests.chaos.history import History
from tests.chaos.invariants import (
    failed_operations,
    left_over,
    repeated_hooks,
    stale_writes,
    two_writers,
    unfinished,
)
from tests.chaos.recording import Write
from tests.chaos.seen import Change, latencies_of
from tests.chaos.workload import App

APP = App(name="web", repo="repo")
APPS = {"web": APP}
OTHER = "chaos-web"


def _history(*contents: str) -> History:
    history = History()
    for number, content in enumerate(contents):
        history.add(f"c{number}", {"web": {"item-0": content}} if content else {"web": {}}, before=number)
    return history


def _write(content: str | None, at: float, *, name: str = "item-0", by: str = "one") -> Write:
    path = f"/api/v1/namespaces/chaos-web/configmaps/{name}"
    if content is None:
        return Write(by=by, method="DELETE", path=path, at=at, answered=at, status=200)
    body = json.dumps({"metadata": {"name": name}, "data": {"state": content}}).encode()
    return Write(by=by, method="PATCH", path=path, body=body, at=at, answered=at, status=200)


def _stale(
    history: History, *writes: Write, deletions: dict[str, list[tuple[float, float]]] | None = None
) -> list[str]:
    return stale_writes(APPS, {"repo": history}, writes, deletions or {})


def test_writes_in_the_order_of_the_branch_are_right() -> None:
    assert _stale(_history("1", "2", "3"), _write("1", 10), _write("3", 11), _write("3", 12)) == []


def test_an_older_state_after_a_newer_one_is_stale() -> None:
    (found,) = _stale(_history("1", "2"), _write("2", 10), _write("1", 11))
    assert found.startswith("I3") and "state 0 wanted it so, but state 1 had been written" in found


def test_a_revert_is_a_new_state() -> None:
    assert _stale(_history("1", "2", "1"), _write("2", 10), _write("1", 11)) == []


def test_what_no_state_wanted_is_not_to_be_written() -> None:
    (found,) = _stale(_history("1"), _write("by-hand", 10))
    assert "no state ever wanted it so" in found


def test_a_deletion_of_what_is_wanted_is_wrong() -> None:
    (found,) = _stale(_history("1", "2"), _write(None, 10))
    assert found.startswith("I2")


def test_a_prune_of_what_was_left_out_is_right() -> None:
    assert _stale(_history("1", ""), _write(None, 10)) == []


def test_a_deletion_while_the_application_is_being_deleted_is_right() -> None:
    assert _stale(_history("1"), _write(None, 10), deletions={"web": [(9, 11)]}) == []


def test_a_strangers_object_is_not_to_be_touched() -> None:
    (found,) = _stale(_history("1"), _write(None, 10, name="bystander"))
    assert "is a stranger's" in found


def test_a_state_is_not_written_before_it_is_pushed() -> None:
    (found,) = _stale(_history("1", "2"), _write("2", 0.5))
    assert "nobody had pushed" in found


def _state(began: str, at: float, **state: object) -> Write:
    body = json.dumps({"status": {"operationState": {"startedAt": began, **state}}}).encode()
    path = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/web"
    return Write(by="one", method="PATCH", path=path, body=body, at=at, answered=at, status=200)


def _hook(at: float, status: int = 201) -> Write:
    path = "/apis/batch/v1/namespaces/chaos-web/jobs/prepare"
    body = json.dumps({"metadata": {"name": "prepare"}, "spec": {}}).encode()
    return Write(by="one", method="PATCH", path=path, body=body, at=at, answered=at, status=status)


def test_a_hook_made_twice_in_one_attempt_is_wrong() -> None:
    (found,) = repeated_hooks([_state("t1", 1), _hook(2), _hook(3)])
    assert found.startswith("I5")


def test_a_hook_that_is_sent_again_since_its_answer_was_lost_was_made_once() -> None:
    assert repeated_hooks([_state("t1", 1), _hook(2), _hook(3, 200)]) == []


def test_a_hook_made_again_by_another_attempt_or_operation_is_right() -> None:
    writes = [_state("t1", 1), _hook(2), _state("t1", 3, retryCount=1), _hook(4), _state("t2", 5), _hook(6)]
    assert repeated_hooks(writes) == []


def test_an_operation_that_fails_is_wrong_where_only_processes_are_killed() -> None:
    assert failed_operations([_state("t1", 1, phase="Running"), _state("t1", 2, phase="Succeeded")]) == []
    (found,) = failed_operations([_state("t1", 1, phase="Failed", message="Job/report is missing")])
    assert "report is missing" in found


def test_two_living_writers_that_take_turns_are_wrong() -> None:
    writes = [_write("1", 1, by="one"), _write("1", 2, by="two"), _write("1", 3, by="one")]
    assert len(two_writers(writes, [], within=5)) == 1
    assert two_writers(writes, [(1.5, "one")], within=5) == []


def test_at_rest_everything_is_as_git_says() -> None:
    history = _history("1")
    status = {"web": {"sync": "Synced", "health": "Healthy", "revision": "c0", "operation": None}}
    live = {(OTHER, "item-0"): "1", (OTHER, "bystander"): None, (OTHER, "copy"): None}
    assert unfinished(APPS, {"repo": history}, status, live) == []
    assert len(unfinished(APPS, {"repo": history}, status, {**live, (OTHER, "item-0"): "0"})) == 1
    assert len(unfinished(APPS, {"repo": history}, {}, live)) == 2
    unaffected, affected = _history("1", "1"), _history("1", "2")
    assert unfinished(APPS, {"repo": unaffected}, status, live) == []
    assert len(unfinished(APPS, {"repo": affected}, status, {**live, (OTHER, "item-0"): "2"})) == 1


def test_a_deletion_leaves_the_strangers_and_nothing_else() -> None:
    rest = {(OTHER, "bystander"): None, (OTHER, "copy"): None}
    assert left_over([APP], rest) == []
    assert len(left_over([APP], {**rest, (OTHER, "item-0"): "1"})) == 1
    assert len(left_over([APP], {})) == 2


def _latencies(history: History, *changes: Change) -> list[tuple[str, float]]:
    return [(one.commit, one.live) for one in reversed(latencies_of(APP, history, list(changes)))]


def test_a_state_is_live_when_it_or_a_later_one_is_seen_whole() -> None:
    history = _history("1", "2", "3", "4")
    seen = [(0.5, "item-0", "1"), (1.5, "item-0", "2"), (9.0, "item-0", "4")]
    assert _latencies(history, *seen) == [("c1", 1.5), ("c2", 9.0), ("c3", 9.0)]
    assert _latencies(history, *seen[:2]) == [("c1", 1.5)]


def test_a_state_that_is_live_already_takes_no_time() -> None:
    """Nobody is to wait for an event when what was never deployed is reverted."""
    assert _latencies(_history("1", "2", "1"), (0.5, "item-0", "1")) == [("c1", 2.0), ("c2", 2.0)]


def test_a_state_is_live_only_once_what_it_leaves_out_is_gone() -> None:
    seen = [(0.5, "item-0", "1"), (0.6, "item-1", "1"), (1.5, "item-0", "2"), (4.0, "item-1", None)]
    assert _latencies(_history("1", "2"), *seen) == [("c1", 4.0)]
