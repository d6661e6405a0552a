"""Doubt never deletes: whatever generators answer, only what is absent for certain goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.applicationset_controller.applying import doubt
from fairlead.applicationset_controller.applying.doubt import (
    APART,
    Doubt,
    Held,
    counting,
    listed,
    unless_confirmed,
)
from fairlead.applicationset_controller.applying.lately import LATELY, digest, lately, noted
from fairlead.applicationset_controller.following.child import Child
from fairlead.model.applicationset import ApplicationSet
from fairlead.model.noted import DELETED_LATELY
from fairlead.sync.let_go import Approval, let_go
from tests.unit.applicationset_controller.made import UID, a_set, there

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def some(*names: str) -> list[Child]:
    return [there(name) for name in names]


def with_note(aset: ApplicationSet, text: str) -> ApplicationSet:
    metadata = msgspec.structs.replace(aset.metadata, annotations={DELETED_LATELY: text})
    return msgspec.structs.replace(aset, metadata=metadata)


def test_one_application_goes_when_a_second_look_lacks_it_too() -> None:
    judge = Doubt()
    assert judge.generated(a_set(), some("a"), 0.0).again == 0.0
    assert [it.name for it in judge.generated(a_set(), some("a"), 0.1).may_go] == ["a"]


def test_several_go_only_when_a_look_some_time_later_agrees() -> None:
    judge = Doubt()
    assert judge.generated(a_set(), some("a", "b"), 0.0).again == 0.0
    later = judge.generated(a_set(), some("a", "b"), 0.1)
    assert not later.may_go
    assert later.again == pytest.approx(APART - 0.1)
    assert len(judge.generated(a_set(), some("a", "b"), APART).may_go) == 2


@pytest.mark.parametrize(
    "generator",
    [
        {"clusters": {}},
        {"clusterDecisionResource": {"configMapRef": "c"}},
        {"matrix": {"generators": [{"list": {"elements": []}}, {"clusters": {}}]}},
    ],
)
def test_one_that_a_cluster_stood_for_goes_only_some_time_later(generator: dict[str, Any]) -> None:
    """A Secret that is replaced is gone for a moment, and two looks at once see the same."""
    judge, aset = Doubt(), a_set([generator])
    judge.generated(aset, some("a"), 0.0)
    later = judge.generated(aset, some("a"), 0.1)
    assert (later.may_go, later.again) == ((), pytest.approx(APART - 0.1))
    assert judge.generated(aset, some("a"), APART).may_go


@pytest.mark.parametrize("between", ["an error", "a listing that has it", "another spec", "another object"])
def test_what_comes_between_two_looks_begins_the_row_anew(between: str) -> None:
    judge, aset, gone = Doubt(), a_set(), some("a")
    judge.generated(aset, gone, 0.0)
    if between == "an error":
        judge.failed()
    elif between == "a listing that has it":
        judge.generated(aset, [], 1.0)
    elif between == "another spec":
        aset = a_set(generation=2)
    else:
        gone = [there("a", uid="made-anew")]
    assert judge.generated(aset, gone, 2.0).may_go == ()


@given(
    st.lists(
        st.tuples(st.one_of(st.none(), st.frozensets(st.sampled_from("abcd"))), st.floats(0.0, 2 * APART)),
        max_size=12,
    )
)
def test_nothing_goes_that_was_not_absent_from_two_complete_generations_in_a_row(
    story: list[tuple[frozenset[str] | None, float]],
) -> None:
    """A story is what each generation came to, None for an error, and the seconds before it."""
    judge, aset, living, now = Doubt(), a_set(), set("abcd"), 0.0
    rows: list[frozenset[str] | None] = []
    for came_to, pause in story:
        now += pause
        rows.append(came_to)
        if came_to is None:
            judge.failed()
            continue
        absent = some(*sorted(living - came_to))
        verdict = judge.generated(aset, absent, now)
        for child in verdict.may_go:
            last = rows[-2:]
            assert len(last) == 2
            assert all(found is not None and child.name not in found for found in last)
            living.discard(child.name)
        assert verdict.may_go == () or len(verdict.may_go) == len(absent)


def held_of(
    aset: ApplicationSet, going: list[Child], owned: list[Child], *, shown: str = "", at: datetime = NOW
) -> Held | None:
    return listed(aset, going, owned, shown=shown, before=None, moment=at)


@pytest.mark.parametrize(
    ("going", "living", "waits"),
    [(1, 1, False), (1, 5, False), (2, 2, True), (3, 5, False), (4, 6, True), (4, 8, False), (6, 6, True)],
)
def test_much_of_a_set_waits_for_a_person(going: int, living: int, *, waits: bool) -> None:
    owned = some(*(f"app-{number}" for number in range(living)))
    assert (held_of(a_set(), owned[:going], owned) is not None) is waits


def test_a_listing_that_shrinks_a_little_at_a_time_waits_for_a_person_as_well() -> None:
    """What went stands on the set, so that neither a restart nor another replica begins anew."""
    owned = some(*(f"app-{number}" for number in range(10)))
    going = counting(a_set(), owned[:2]), counting(a_set(), owned[2:4])
    first = noted(a_set().metadata, going[0], 0.0)
    aset = with_note(a_set(), noted(with_note(a_set(), first).metadata, going[1], 30.0))
    terminating = [
        msgspec.structs.replace(child, deletion_timestamp="2026-01-01T00:00:00Z") for child in owned[:4]
    ]

    def held(going: int, now: float, *, left: list[Child]) -> Held | None:
        found = lately(aset.metadata, now)
        return listed(aset, owned[4 : 4 + going], left, shown="", before=None, moment=NOW, lately=found)

    for left in (owned[4:], [*terminating, *owned[4:]]):
        assert held(1, 60.0, left=left) is None, "half of ten is not more than half"
        found = held(2, 60.0, left=left)
        assert found is not None
        assert "2 of 6 Applications" in found.message
        assert "4 went within the last hour" in found.message
    assert held(2, LATELY + 60, left=owned[4:]) is None
    assert held(1, 60.0, left=owned) is None, "what could not be deleted does not count twice"


def test_what_went_is_forgotten_when_the_set_is_changed_and_where_it_cannot_be_read() -> None:
    note = noted(a_set().metadata, ["one", "two"], 0.0)
    assert lately(with_note(a_set(), note).metadata, 1.0) == {digest("one"), digest("two")}
    assert lately(with_note(a_set(generation=2), note).metadata, 1.0) == frozenset(), "somebody wants it so"
    for spoilt in ("", "nonsense", note.replace(" ", "", 1), f"{note[:-4]}!!!!"):
        assert lately(with_note(a_set(), spoilt).metadata, 1.0) == frozenset()


def test_no_more_is_remembered_of_what_went_than_fits_on_a_set() -> None:
    note = noted(a_set().metadata, map(str, range(20_000)), 0.0)
    assert len(note) < 50_000
    found = lately(with_note(a_set(), note).metadata, 1.0)
    assert digest("19999") in found and digest("0") not in found


def test_of_what_nobody_is_asked_about_nothing_is_remembered() -> None:
    (child,) = some("a")
    assert counting(a_set(), [child]) == (child.uid,)
    assert counting(a_set(annotations={doubt.GUARD: "off"}), [child]) == ()
    assert counting(a_set(), [msgspec.structs.replace(child, finalizers=())]) == ()


def test_what_is_said_of_a_list_names_it_and_what_can_be_done() -> None:
    owned = some("a", "b")
    found = held_of(a_set(), owned, owned)
    assert found is not None
    assert "2 of 2 Applications (100%)" in found.message
    assert "a, b" in found.message
    assert "argocd.argoproj.io/deletion-approved" in found.message
    again = held_of(a_set(), owned, owned, shown=found.message, at=NOW + timedelta(hours=1))
    assert again == found, "the same list keeps its time"
    assert doubt.is_same_list(found, found.message)


@pytest.mark.parametrize(
    "aset",
    [
        a_set(annotations={"fairlead.dev/deletion-guard": "off"}),
        a_set([{"pullRequest": {"github": {"owner": "o", "repo": "r"}}}]),
        a_set([{"matrix": {"generators": [{"pullRequest": {}}, {"list": {"elements": []}}]}}]),
    ],
    ids=["switched off", "pull requests", "pull requests and a list"],
)
def test_who_does_not_want_to_be_asked_is_not(aset: ApplicationSet) -> None:
    owned = some("a", "b", "c", "d")
    assert held_of(aset, owned, owned) is None


def test_applications_whose_deletion_leaves_what_they_deployed_do_not_wait() -> None:
    owned = [there(name, finalizers=[]) for name in "abcd"]
    assert held_of(a_set(), owned, owned) is None


def test_a_matrix_of_clusters_and_pull_requests_waits() -> None:
    aset = a_set([{"matrix": {"generators": [{"pullRequest": {}}, {"clusters": {}}]}}])
    owned = some("a", "b")
    assert held_of(aset, owned, owned) is not None


def approval(seconds: float, *, mark: str = "") -> Approval:
    at = NOW + timedelta(seconds=seconds)
    return Approval(text=at.isoformat(), at=at, mark=mark)


@pytest.mark.parametrize(
    ("given_at", "mark", "lets_go"),
    [(10, "", True), (-10, "", False), (7200, "", False), (10, "ffffffff", False)],
    ids=["in time", "older than the list", "far in the future", "of another list"],
)
def test_a_confirmation_of_this_list_lets_it_go(given_at: float, mark: str, *, lets_go: bool) -> None:
    owned = some("a", "b")
    found = held_of(a_set(), owned, owned)
    assert found is not None
    rest = unless_confirmed(found, approval(given_at, mark=mark), None, NOW + timedelta(seconds=20))
    assert (rest is None) is lets_go
    assert rest is None or rest.refused


def test_what_was_let_go_is_not_asked_again_and_a_confirmation_is_used_once() -> None:
    owned, confirmed = some("a", "b", "c", "d"), approval(10)
    keys = [doubt.key_of(a_set(), name) for name in "abcd"]
    before = let_go(None, UID, confirmed, keys)
    rest = some("c", "d")
    assert listed(a_set(), rest, rest, shown="", before=before, moment=NOW) is None
    others = some("x", "y")
    found = listed(a_set(), others, others, shown="", before=before, moment=NOW)
    assert found is not None
    assert unless_confirmed(found, confirmed, before, NOW + timedelta(seconds=20)) is not None
    assert owned
