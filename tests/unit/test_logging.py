"""Logs say what happened and where, never what a variable held."""

import subprocess
import sys

import pytest

LINES = """
import structlog
from fairlead.process import configure_logging
configure_logging(service="s", form={form!r}, level="info")
def login():
    password = "hunter2" + "-canary"
    raise RuntimeError("it failed")
try:
    login()
except RuntimeError as error:
    structlog.get_logger().error("api.operation.failed", exc_info=error)
"""


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_traceback_shows_no_values_of_variables(form: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", LINES.format(form=form)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    said = ended.stdout + ended.stderr
    assert "it failed" in said
    assert "in login" in said
    assert "hunter2-canary" not in said
