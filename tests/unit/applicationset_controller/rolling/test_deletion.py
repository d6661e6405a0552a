"""In which order the Applications of a set that is deleted go, and how long each is waited for."""

from datetime import UTC, datetime, timedelta

import pytest

from fairlead.applicationset_controller.following.child import Child
from fairlead.applicationset_controller.rolling.deletion import next_deletion
from fairlead.model.applicationset import ApplicationMatchExpression, RolloutStep
from fairlead.model.times import stamp
from tests.unit.applicationset_controller.made import there

NOW = datetime(2026, 1, 1, tzinfo=UTC)
STEPS = tuple(
    RolloutStep(match_expressions=(ApplicationMatchExpression(key="step", operator="In", values=(value,)),))
    for value in ("a", "b")
)


def child(name: str, *, since: float | None = None) -> Child:
    metadata = {} if since is None else {"deletionTimestamp": stamp(NOW - timedelta(seconds=since))}
    return there(name, labels={"step": name[0]}, **metadata)


def going(*children: Child) -> tuple[tuple[str, ...], float | None, str]:
    found = next_deletion(STEPS, {it.name: it for it in children}, NOW)
    return found.now, found.again, found.error


def test_one_goes_at_a_time_the_last_step_first() -> None:
    assert going(child("a1"), child("b2"), child("b1"), child("c1")) == (("b1",), 10.0, "")
    assert going(child("a1"), child("b2"), child("b1", since=30)) == ((), 10.0, "")
    assert going(child("a1"), child("c1")) == (("a1",), 10.0, "")
    assert going(child("c1")) == ((), None, "")


@pytest.mark.parametrize(("passed", "again"), [(120, 10.0), (130, 20.0), (150, 40.0), (4000, 300.0)])
def test_one_that_takes_long_is_an_error_that_is_looked_at_ever_more_seldom(
    passed: float, again: float
) -> None:
    found = going(child("a1"), child("b1", since=passed))
    assert found[:2] == ((), again)
    assert "Application b1 is still being deleted after" in found[2]
