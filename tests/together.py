"""Folders whose tests run in one process: what they share is too dear to have twice.

Invariant: all else is spread by files, as `--dist loadfile` says.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

TOGETHER = ("tests/ui/",)


class Scheduling(LoadFileScheduling):
    """By files, and by these folders."""

    def _split_scope(self, nodeid: str) -> str:
        folder = next((one for one in TOGETHER if nodeid.startswith(one)), None)
        scope: str = folder or super()._split_scope(nodeid)
        return scope


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """Ours, where files were asked for."""
    return Scheduling(config, log) if config.getvalue("dist") == "loadfile" else None
