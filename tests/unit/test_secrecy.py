"""A process that holds secrets cannot be looked into by another of its user."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import os, subprocess, sys
from fairlead.process import secrecy
os.setresgid(65534, 65534, 65534)
os.setresuid(65534, 65534, 65534)
hidden = sys.argv[1] == "hide" and secrecy.hide()
import ctypes
if not hidden:
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
child = subprocess.run(["/bin/cat", f"/proc/{os.getpid()}/environ"], capture_output=True)
print("read" if child.returncode == 0 else "refused")
"""


def told(word: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, word],
        capture_output=True,
        text=True,
        check=True,
        env=dict(os.environ),
    )
    return done.stdout.strip()


@pytest.mark.skipif(os.geteuid() != 0, reason="changing the user needs root")
def test_nobody_but_root_reads_the_environment_of_a_hidden_process() -> None:
    assert told("show") == "read"
    assert told("hide") == "refused"
