"""How one Application, and a set of them, move on: the words of contract 4 and what they wait for."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from fairlead.applicationset_controller.rolling import states
from fairlead.applicationset_controller.rolling.advance import App, Moves, advance
from fairlead.applicationset_controller.rolling.facts import Facts
from fairlead.model.applicationset import ApplicationSetApplicationStatus as Status
from fairlead.model.applicationset import RolloutStatus, RolloutStep
from fairlead.model.times import stamp

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
EARLIER, LATER = NOW - timedelta(minutes=5), NOW + timedelta(minutes=5)
STEPS = (RolloutStep(), RolloutStep())
SYNCED = Facts(revisions=("r1",), is_synced=True, is_healthy=True, ended=("r1",), reconciled_at=NOW)
CHANGED = Facts(
    revisions=("r2",),
    is_out_of_sync=True,
    is_healthy=True,
    ended=("r1",),
    began_at=EARLIER,
    reconciled_at=NOW,
)


def status(
    to: RolloutStatus = states.HEALTHY,
    *,
    name: str = "a",
    step: str = "1",
    target: str = "r1",
    message: str = "",
) -> Status:
    return Status(
        application=name,
        status=to,
        step=step,
        message=message,
        target_revisions=(target,),
        last_transition_time=stamp(EARLIER),
    )


def seen(facts: Facts, before: Status | None) -> tuple[str, str]:
    found = states.observed("a", before, facts, "1", NOW)
    return found.status.value, found.message


def moved(facts: Facts, **changes: object) -> Facts:
    return msgspec.structs.replace(facts, **changes)


WAITS, GOES = status(states.WAITING, target="r2"), status(states.PENDING, target="r2")
RUNS = status(states.PROGRESSING, target="r2")


@pytest.mark.parametrize(
    ("before", "facts", "to", "message"),
    [
        (None, CHANGED, "Waiting", "No Application status found, defaulting status to Waiting"),
        (status(), CHANGED, "Waiting", "Application has pending changes, setting status to Waiting"),
        (
            status(),
            moved(SYNCED, differs=True),
            "Waiting",
            "Application has pending changes (spec differs), setting status to Waiting",
        ),
        (
            status(),
            moved(CHANGED, differs=True),
            "Waiting",
            "Application has pending changes (revision and spec differ), setting status to Waiting",
        ),
        (
            WAITS,
            moved(SYNCED, revisions=("r2",)),
            "Healthy",
            "Application resource has synced, updating status to Healthy",
        ),
        (
            WAITS,
            moved(SYNCED, revisions=("r2",), is_healthy=False),
            "Progressing",
            "Application resource has synced, updating status to Progressing",
        ),
        (
            GOES,
            moved(CHANGED, is_asked=True, is_running=True),
            "Progressing",
            "Application resource became Progressing, updating status from Pending to Progressing",
        ),
        (
            GOES,
            moved(CHANGED, ended=("r2",), succeeded=True),
            "Progressing",
            "Application resource completed a sync successfully, updating status from Pending to Progressing",
        ),
        (
            GOES,
            moved(CHANGED, ended=("r2",)),
            "Progressing",
            "Application resource completed a sync, updating status from Pending to Progressing",
        ),
        (
            GOES,
            moved(CHANGED, is_asked=True, has_error=True),
            "Progressing",
            "Application resource has error and cannot sync, updating status to Progressing",
        ),
        (GOES, CHANGED, "Waiting", "Application has pending changes, setting status to Waiting"),
        (
            RUNS,
            moved(SYNCED, revisions=("r2",)),
            "Healthy",
            "Application resource became Healthy, updating status from Progressing to Healthy",
        ),
        (
            moved(RUNS, message=states.ERROR),  # type: ignore[type-var]
            CHANGED,
            "Waiting",
            "Application has pending changes, setting status to Waiting",
        ),
    ],
)
def test_an_application_moves_on_in_the_words_of_the_contract(
    before: Status | None, facts: Facts, to: str, message: str
) -> None:
    assert seen(facts, before) == (to, message)


@pytest.mark.parametrize(
    ("before", "facts"),
    [
        (status(), SYNCED),
        (status(), moved(SYNCED, is_synced=False, is_out_of_sync=True)),
        (status(), moved(SYNCED, revisions=(), is_synced=False)),
        (WAITS, CHANGED),
        (WAITS, moved(SYNCED, revisions=("r2",), reconciled_at=EARLIER)),
        (WAITS, moved(SYNCED, revisions=("r2",), is_current=False)),
        (GOES, moved(CHANGED, is_asked=True)),
        (RUNS, moved(SYNCED, revisions=("r2",), is_healthy=False)),
        (RUNS, moved(CHANGED, ended=("r2",))),
        (RUNS, moved(SYNCED, revisions=("r2",), is_asked=True, is_running=True)),
    ],
)
def test_an_application_stays_where_nothing_came_of_it(before: Status, facts: Facts) -> None:
    assert states.observed("a", before, facts, "1", NOW) == before


def test_one_that_was_made_anew_is_not_taken_for_the_one_that_had_become_healthy() -> None:
    anew = Facts(revisions=("r1",), is_out_of_sync=True, reconciled_at=NOW)
    assert seen(anew, status())[0] == "Waiting"


def play(*apps: tuple[Status, Facts | None], at: datetime = LATER, held: tuple[str, ...] = ()) -> Moves:
    return advance(
        STEPS,
        {known.application: known for known, _ in apps},
        [
            App(name=known.application, step=known.step, facts=facts, is_held=known.application in held)
            for known, facts in apps
        ],
        at,
    )


def test_what_waits_and_is_compared_begins_and_what_is_held_does_not() -> None:
    other = moved(WAITS, application="b")  # type: ignore[type-var]
    moves = play((WAITS, CHANGED), (other, CHANGED), held=("b",))
    assert moves.begins == ("a",)
    begun = moves.statuses["a"]
    assert (begun.status, begun.message) == (
        states.PENDING,
        "Application moved to Pending status, watching for the Application resource to start Progressing",
    )
    assert moves.before["a"] == WAITS


def test_a_change_of_a_later_step_waits_until_the_earlier_were_compared_after_it() -> None:
    first = status(name="a")
    change = moved(status(states.WAITING, name="b", step="2", target="r2", message=states.CHANGED))  # type: ignore[arg-type]
    stale = moved(SYNCED, reconciled_at=EARLIER)
    moves = play((first, stale), (change, CHANGED))  # type: ignore[arg-type]
    assert (moves.begins, moves.refreshes) == ((), {"a"})
    moves = play((first, moved(stale, is_refreshing=True)), (change, CHANGED))  # type: ignore[arg-type]
    assert (moves.begins, moves.refreshes) == ((), frozenset())
    moves = play((first, SYNCED), (change, CHANGED))  # type: ignore[arg-type]
    assert (moves.begins, moves.refreshes) == (("b",), frozenset())


@pytest.mark.parametrize(
    "first",
    [
        None,
        moved(SYNCED, is_poor=True, is_healthy=False),
        moved(SYNCED, has_error=True),
        moved(SYNCED, is_leaving=True),
    ],
)
def test_no_step_begins_behind_one_that_is_gone_or_has_fallen_ill(first: Facts | None) -> None:
    second = status(states.WAITING, name="b", step="2", target="r2")
    moves = play((status(name="a"), first), (second, CHANGED))
    assert moves.begins == ()
    assert moves.again is not None


def test_a_sync_that_was_begun_before_a_restart_is_not_begun_again() -> None:
    for facts in (
        moved(CHANGED, is_asked=True),
        moved(CHANGED, is_asked=True, is_running=True),
        moved(CHANGED, ended=("r2",), began_at=NOW),
    ):
        moves = play((WAITS, facts))
        assert moves.begins == ()
        assert moves.statuses["a"].status is not states.WAITING
    assert play((WAITS, moved(CHANGED, ended=("r2",), began_at=EARLIER))).begins == ("a",)


def test_one_with_an_error_is_not_synced_and_says_so() -> None:
    moves = play((WAITS, moved(CHANGED, has_error=True)))
    assert moves.begins == ()
    assert moves.statuses["a"].message == states.ERROR


def test_one_that_no_step_selects_is_never_synced() -> None:
    alone = status(states.WAITING, name="a", step="-1", target="r2")
    assert play((alone, CHANGED)).begins == ()


def test_an_operation_of_somebody_else_takes_a_place_in_its_step() -> None:
    by_hand = moved(CHANGED, is_asked=True, is_running=True)
    steps = (RolloutStep(max_update=1),)
    other = moved(WAITS, application="b")  # type: ignore[type-var]
    apps = [App(name="a", step="1", facts=CHANGED), App(name="b", step="1", facts=by_hand)]
    assert advance(steps, {"a": WAITS, "b": other}, apps, LATER).begins == ()  # type: ignore[dict-item]


def test_an_application_that_is_not_compared_holds_back_no_step_before_its_own() -> None:
    """Its cluster may be away for days."""
    steps = [RolloutStep(), RolloutStep()]
    begin = datetime(2026, 1, 1, 12, tzinfo=UTC)
    away = Facts(revisions=("r1",), is_synced=True, is_healthy=True, reconciled_at=begin)
    known: Mapping[str, Status] = {}
    begun: list[str] = []
    for seconds in range(0, 60, 5):
        now = begin + timedelta(seconds=seconds)
        new = Facts(revisions=("r2",), is_out_of_sync=True, is_healthy=True, ended=("r1",), reconciled_at=now)
        apps = [App(name="near", step="1", facts=new), App(name="away", step="2", facts=away)]
        moves = advance(steps, known, apps, now)
        known = moves.statuses
        begun += moves.begins
    assert begun[:1] == ["near"]
    assert "away" not in begun
