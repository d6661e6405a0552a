"""Which step selects an Application, how many of it may move, and what is wrong with steps."""

import pytest

from fairlead.applicationset_controller.rolling.steps import config_problem, most_at_once, step_of
from fairlead.model.applicationset import ApplicationMatchExpression, RolloutStep


def step(*expressions: tuple[str, str, tuple[str, ...]], most: int | str | None = None) -> RolloutStep:
    return RolloutStep(
        match_expressions=tuple(
            ApplicationMatchExpression(key=key, operator=operator, values=values)
            for key, operator, values in expressions
        ),
        max_update=most,
    )


DEV = step(("env", "In", ("dev", "test")))
REST = step(("env", "NotIn", ("dev", "test")))


@pytest.mark.parametrize(
    ("labels", "number"),
    [({"env": "dev"}, "1"), ({"env": "prod"}, "2"), ({}, "2"), ({"env": "test", "x": "y"}, "1")],
)
def test_an_application_belongs_to_the_first_step_all_of_whose_expressions_hold(
    labels: dict[str, str], number: str
) -> None:
    assert step_of((DEV, REST), labels) == number
    assert step_of((DEV,), labels) == (number if number == "1" else "-1")


def test_a_step_without_expressions_takes_all() -> None:
    assert step_of((step(),), {}) == "1"


@pytest.mark.parametrize(
    ("most", "total", "number"),
    [
        (None, 7, 7),
        (3, 7, 3),
        (0, 7, 0),
        ("0%", 7, 0),
        ("1%", 7, 1),
        ("50%", 7, 3),
        ("100%", 7, 7),
        ("100%", 0, 0),
    ],
)
def test_percentages_are_rounded_down_to_one_at_least(
    most: int | str | None, total: int, number: int
) -> None:
    assert most_at_once(step(most=most), total) == number


@pytest.mark.parametrize("most", ["half", "10", "-5%", "%", "1.5%"])
def test_what_is_no_number_lets_nothing_begin_and_is_named(most: str) -> None:
    with pytest.raises(ValueError, match="maxUpdate"):
        most_at_once(step(most=most), 3)
    assert config_problem((step(most=most),), {"a": {}}) == f"Step 1 has an invalid maxUpdate value: {most}"


def test_what_is_wrong_with_steps_is_said_in_the_order_of_the_contract() -> None:
    apps = {"a": {"env": "dev"}, "b": {"env": "prod"}}
    exists = step(("env", "Exists", ()))
    words = "Step 2 has invalid matchExpression operators: Exists. Supported Operators are 'In' and 'NotIn'"
    assert config_problem((DEV, exists), apps) == words
    assert step_of((exists,), apps["a"]) == "-1"
    twice = "Application 'a' is selected by multiple steps: (1-3)"
    assert config_problem((DEV, REST, DEV), apps) == twice
    empty = "Steps [2 4] have no applications matching their criteria"
    nobody = step(("env", "In", ("nowhere",)))
    assert config_problem((DEV, nobody, REST, nobody), apps) == empty
    assert config_problem((DEV, REST), apps) == ""
