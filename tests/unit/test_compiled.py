"""What is compiled before a run is what the run would have compiled."""

from pathlib import Path

from tests.compiled import compiled
from tests.unit.test_deadlines import run, said

FAILS = "def test_fails() -> None:\n    one, two = 1, 2\n    assert one == two\n"


async def test_a_run_takes_what_was_compiled_before_and_explains_its_assertions(tmp_path: Path) -> None:
    file = tmp_path / "test_it.py"
    file.write_text(FAILS)
    made = compiled(file)
    before = made.stat()
    assert compiled(file) == made
    output = await said(await run(tmp_path, FAILS))
    after = made.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert "assert 1 == 2" in output


def test_a_file_that_changed_is_compiled_anew(tmp_path: Path) -> None:
    file = tmp_path / "test_it.py"
    file.write_text(FAILS)
    before = compiled(file).stat().st_ino
    file.write_text(FAILS.replace("2", "3"))
    assert compiled(file).stat().st_ino != before
