"""What each file of tests costs: `--costs=FILE` writes a line a file, its seconds and those of a core.

The latter are of the process that runs the tests and of all below it, what servers that are shared do
meanwhile included. They do not depend on what else the machine has to do, so two runs can be compared.
"""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.deadlines import descendants, is_worker

TICKS = os.sysconf("SC_CLK_TCK")
HEAD = "seconds\tof a core\ttests\tfile\n"


class Costs:
    """Writes what a file cost when the next one begins."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._tests = 0
        self._since = time.monotonic(), spent()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
        """One test, with the fixtures that begin before it and end after it."""
        try:
            return (yield)
        finally:
            self._tests += 1
            if nextitem is None or nextitem.path != item.path:
                self._write(str(item.path.relative_to(item.config.rootpath)))

    def _write(self, name: str) -> None:
        now = time.monotonic(), spent()
        seconds, of_a_core = (after - before for after, before in zip(now, self._since, strict=True))
        with self._file.open("a") as file:
            file.write(f"{seconds:.1f}\t{of_a_core:.1f}\t{self._tests}\t{name}\n")
        self._tests, self._since = 0, now


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where to."""
    parser.addoption("--costs", default="", metavar="FILE", help="write what each file of tests costs")


def pytest_configure(config: pytest.Config) -> None:
    """Begin, in whichever process runs tests."""
    name = config.getoption("--costs")
    if not name:
        return
    file = Path(name).absolute()
    if not is_worker(config):
        file.write_text(HEAD)
    config.pluginmanager.register(Costs(file))


def spent() -> float:
    """Seconds of a core that this process and all below it have taken."""
    ticks = 0
    for pid in (os.getpid(), *descendants(os.getpid())):
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks / TICKS
