"""Several processes of one service, as far as no cluster is needed for it."""

import subprocess
import sys

PROGRAM = r"""
import ctypes, os, signal
from fairlead.process.several import run_several

def work():
    os.write(1, f"dumpable {ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)}\n".encode())
    os.kill(os.getppid(), signal.SIGTERM)
    signal.pause()

run_several("service", {"one": work})
"""


def test_nobody_of_the_same_user_looks_into_the_process_that_starts_the_others_nor_into_them() -> None:
    """It holds the same secrets in its environment as they do, and what clusters name runs beside it."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False
    )
    assert "dumpable 0" in done.stdout, done.stderr
