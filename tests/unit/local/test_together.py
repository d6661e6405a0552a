"""How tests are spread over processes."""

from pathlib import Path

import pytest

from tests import together
from tests.unit.test_deadlines import run, said

ALONE, AT_A_CLUSTER = "tests/unit/test_a.py", "tests/integration/kube/test_b.py"
SHARES = """
import pytest
from pathlib import Path

@pytest.fixture(scope="session")
def dear():
    yield
    Path("ended").touch()
"""
USES = """
from pathlib import Path

def test_uses(dear) -> None:
    assert not Path("ended").exists()
"""
FAILS_AT_ITS_END = """
import pytest

@pytest.fixture
def failing():
    yield
    raise RuntimeError("at its end")

def test_fails_at_its_end(dear, failing) -> None:
    pass
"""
AFTER = """
from pathlib import Path

def test_finds_it_ended() -> None:
    assert Path("ended").exists()
"""


@pytest.mark.parametrize(
    ("nodeid", "scope"),
    [
        ("tests/ui/test_login.py::test_one", "tests/ui/"),
        ("tests/ui/test_tree_keys.py::test_two[a::b]", "tests/ui/"),
        ("tests/e2e/test_story.py::test_four", "tests/e2e/"),
        ("tests/unit/ui/test_components.py::test_three", "tests/unit/ui/test_components.py"),
    ],
)
def test_what_shares_a_browser_and_a_suite_runs_in_one_process(nodeid: str, scope: str) -> None:
    scheduling = object.__new__(together.Scheduling)
    assert scheduling._split_scope(nodeid) == scope


@pytest.mark.parametrize(
    ("waiting", "has_cluster", "clusters", "taken"),
    [
        ([ALONE, AT_A_CLUSTER], False, 0, ALONE),
        ([AT_A_CLUSTER, ALONE], False, 1, AT_A_CLUSTER),
        ([AT_A_CLUSTER, ALONE], False, 2, ALONE),
        ([ALONE, AT_A_CLUSTER], True, 2, AT_A_CLUSTER),
        ([ALONE], True, 2, ALONE),
        ([AT_A_CLUSTER], False, 2, AT_A_CLUSTER),
    ],
)
def test_two_processes_have_a_control_plane_while_others_have_something_else_to_do(
    waiting: list[str], has_cluster: bool, clusters: int, taken: str
) -> None:
    assert together.chosen(dict.fromkeys(waiting), has_cluster=has_cluster, clusters=clusters) == taken


async def test_what_a_folder_shares_ends_with_its_last_test(tmp_path: Path) -> None:
    folder = tmp_path / "tests" / "e2e"
    folder.mkdir(parents=True)
    (folder / "conftest.py").write_text(SHARES)
    for name in ("test_one.py", "test_two.py"):
        (folder / name).write_text(USES)
    (folder / "test_z_last.py").write_text(FAILS_AT_ITS_END)
    process = await run(
        tmp_path, AFTER, "-p", "tests.together", "--import-mode=importlib", "tests", "test_it.py"
    )
    output = await said(process)
    assert "4 passed, 1 error" in output
