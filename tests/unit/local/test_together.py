"""How tests are spread over processes."""

import pytest

from tests import together


@pytest.mark.parametrize(
    ("nodeid", "scope"),
    [
        ("tests/ui/test_login.py::test_one", "tests/ui/"),
        ("tests/ui/test_tree_keys.py::test_two[a::b]", "tests/ui/"),
        ("tests/unit/ui/test_components.py::test_three", "tests/unit/ui/test_components.py"),
    ],
)
def test_what_shares_a_browser_and_a_suite_runs_in_one_process(nodeid: str, scope: str) -> None:
    scheduling = object.__new__(together.Scheduling)
    assert scheduling._split_scope(nodeid) == scope
