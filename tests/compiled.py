"""Compiles all files of tests as pytest does, once: workers that begin together would do it once each.

`python -m tests.compiled` takes seconds on a clean tree, and none on one that has run tests before. What is
compiled is pytest's own work and stands where pytest looks for it; whatever it does not find it makes itself.
"""

from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from types import SimpleNamespace

from _pytest.assertion import rewrite

REWRITTEN = ("test_*.py", "conftest.py")
PROCESSES = 2
_TOLD = SimpleNamespace(trace=print)


def compiled(file: Path) -> Path:
    """Where the compiled file is, which is made unless it is there."""
    folder = rewrite.get_cache_dir(file)
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / f"{file.stem}{rewrite.PYC_TAIL}"
    if rewrite._read_pyc(file, made) is None:
        source_hash, code = rewrite._rewrite_test(file, None)  # type: ignore[arg-type]  # for a hook of plugins
        rewrite._write_pyc(_TOLD, code, source_hash, made)  # type: ignore[arg-type]  # which says what fails
    return made


def main() -> None:
    """All files below this folder."""
    here = Path(__file__).parent
    files = sorted({file for pattern in REWRITTEN for file in here.rglob(pattern)})
    with ProcessPoolExecutor(PROCESSES) as pool:
        list(pool.map(compiled, files, chunksize=16))


if __name__ == "__main__":
    main()
