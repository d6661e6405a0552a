"""What files of tests cost is told, with the processes that they start."""

import gc
from pathlib import Path

from tests.unit.test_deadlines import run, said

SPENDS = """
import subprocess, sys

def test_spends() -> None:
    subprocess.run([sys.executable, "-c", "sum(range(10_000_000))"], check=True)

def test_spends_nothing() -> None:
    pass
"""


async def test_a_line_a_file_tells_what_it_and_its_children_cost(tmp_path: Path) -> None:
    costs = tmp_path / "costs.tsv"
    process = await run(tmp_path, SPENDS, "-p", "tests.costs", f"--costs={costs}")
    output = await said(process)
    assert process.returncode == 0, output
    head, *lines = costs.read_text().splitlines()
    assert head.split("\t") == ["seconds", "of a core", "tests", "file"]
    [[seconds, of_a_core, tests, file]] = [line.split("\t") for line in lines]
    assert (tests, file) == ("2", "test_it.py")
    assert float(seconds) > 0
    assert float(of_a_core) > 0


def test_garbage_is_looked_for_in_what_tests_make_and_not_in_the_tests() -> None:
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
