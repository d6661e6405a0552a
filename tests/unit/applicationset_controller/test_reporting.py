"""What a set says of itself, in the words of the contract, and only when it is something else."""

from __future__ import annotations

import msgspec
import pytest

from fairlead.applicationset_controller.reporting.conditions import (
    HELD,
    Failure,
    condition,
    outcome,
    refreshed,
)
from fairlead.applicationset_controller.reporting.health import health, since
from fairlead.applicationset_controller.reporting.resources import resources
from fairlead.applicationset_controller.reporting.status import Report, patch_of, status_of
from fairlead.model.applicationset import ApplicationSetCondition, ApplicationSetStatus, ConditionStatus
from fairlead.model.metadata import Time
from fairlead.model.status import HealthCode, HealthStatus
from tests.unit.applicationset_controller.made import there

LONG_AGO = Time("2020-01-01T00:00:00Z")
FAILURE = Failure(reason="ApplicationGenerationFromParamsError", message="no such host")
DONE = "All applications have been generated successfully"


def said(found: list[ApplicationSetCondition]) -> dict[str, tuple[str, str, str]]:
    return {item.type: (item.status.value, item.reason, item.message) for item in found}


def test_a_set_that_is_up_to_date_says_so() -> None:
    assert said(outcome(None, generated=True)) == {
        "ErrorOccurred": ("False", "ApplicationSetUpToDate", DONE),
        "ParametersGenerated": (
            "True",
            "ParametersGenerated",
            "All parameters have been generated successfully",
        ),
        "ResourcesUpToDate": ("True", "ApplicationSetUpToDate", DONE),
    }


@pytest.mark.parametrize("generated", [True, False])
def test_a_failure_is_said_with_its_reason(*, generated: bool) -> None:
    found = said(outcome(FAILURE, generated=generated))
    assert found["ErrorOccurred"] == ("True", FAILURE.reason, "no such host")
    assert found["ResourcesUpToDate"] == ("False", "ErrorOccurred", "no such host")
    assert found["ParametersGenerated"][0] == ("True" if generated else "False")


def test_a_condition_that_says_what_it_said_keeps_its_time() -> None:
    before = refreshed((), outcome(None, generated=True))
    aged = tuple(msgspec.structs.replace(item, last_transition_time=LONG_AGO) for item in before)
    assert refreshed(aged, outcome(None, generated=True)) == aged
    after = refreshed(aged, outcome(FAILURE, generated=True))
    times = {item.type: item.last_transition_time for item in after}
    assert times["ParametersGenerated"] == LONG_AGO
    assert times["ErrorOccurred"] != LONG_AGO


def test_conditions_of_others_stay_and_ours_go_when_they_are_over() -> None:
    others = condition("Reviewed", ConditionStatus.TRUE, "Yes", "by a person")
    held = condition(HELD, ConditionStatus.TRUE, HELD, "waits")
    kinds = [item.type for item in refreshed((others, held), outcome(None, generated=True))]
    assert "Reviewed" in kinds
    assert HELD not in kinds


def test_health_follows_the_conditions() -> None:
    assert health([]).message == "No status conditions found for ApplicationSet"
    assert health(outcome(FAILURE, generated=True)) == HealthStatus(
        status=HealthCode.DEGRADED, message="no such host"
    )
    assert health(outcome(None, generated=True)) == HealthStatus(status=HealthCode.HEALTHY, message=DONE)
    rolling = condition("RolloutProgressing", ConditionStatus.TRUE, "ApplicationSetModified", "step 1")
    found = health([*outcome(None, generated=True), rolling])
    assert found.status is HealthCode.PROGRESSING
    waiting = health([condition("ErrorOccurred", ConditionStatus.FALSE, "x", "y")])
    assert waiting.message == "Waiting for health status to be determined"


def test_health_keeps_its_time_while_its_code_is_the_same() -> None:
    before = HealthStatus(status=HealthCode.DEGRADED, message="a", last_transition_time=LONG_AGO)
    same = since(before, HealthStatus(status=HealthCode.DEGRADED, message="b"))
    assert (same.message, same.last_transition_time) == ("b", LONG_AGO)
    assert since(before, HealthStatus(status=HealthCode.HEALTHY)).last_transition_time != LONG_AGO


def test_resources_are_listed_by_name_up_to_a_bound_and_counted_whole() -> None:
    status = {"sync": {"status": "Synced"}, "health": {"status": "Healthy"}}
    children = [there(name, status=status) for name in "cab"]
    listed, count = resources(children, 2)
    assert [item.name for item in listed] == ["a", "b"]
    assert count == 3
    assert (listed[0].kind, listed[0].status, listed[0].namespace) == ("Application", "Synced", "argocd")
    assert listed[0].health == HealthStatus(status=HealthCode.HEALTHY)
    assert len(resources(children, 0)[0]) == 3


def test_a_status_that_is_as_it_was_is_no_patch() -> None:
    conditions = refreshed((), outcome(None, generated=True))
    listed, count = resources([there("a")], 10)
    report = Report(conditions=conditions, resources=listed, resources_count=count)
    first = status_of(ApplicationSetStatus(), report)
    assert set(patch_of(ApplicationSetStatus(), first)) == {
        "conditions",
        "resources",
        "resourcesCount",
        "health",
    }
    assert patch_of(first, status_of(first, report)) == {}
    fewer = msgspec.structs.replace(report, resources=(), resources_count=0)
    assert patch_of(first, status_of(first, fewer)) == {"resources": None, "resourcesCount": None}
