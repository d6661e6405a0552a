"""What every test may ask for: the real servers, started once, when first asked for."""

import gc
import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.servers", "tests.deadlines", "tests.together", "tests.costs"]

# Services are started hundreds of times, and every worker reads every file of tests: compiled once, whatever
# the environment says of that.
os.environ["PYTHONDONTWRITEBYTECODE"], sys.dont_write_bytecode = "", False

EXPLORES = bool(os.environ.get("FAIRLEAD_EXPLORE"))
"""Whether other examples are tried each time. A run that says whether a commit is good tries the same ones
every time, so that it fails for what the commit did, and never by chance."""

# Nothing is timed in a test: a machine with other work on it is no reason to fail.
settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=not EXPLORES
)
settings.load_profile("untimed")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Twelve thousand tests and their modules stay until the end: looking among them for garbage took a fifth
    of the time in which they are collected, in every worker, and came again while they run."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()
