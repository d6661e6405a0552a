"""`fairlead down`: asks the suite of a data folder to end, and waits until it has."""

import os
import signal
import sys
import time
from pathlib import Path

from fairlead.cli.command import Invocation
from fairlead.cli.local.data_dir import data_dir
from fairlead.local.suite import read_state

WAIT_SECONDS = 60.0


def run_down(data_dir: Path) -> None:
    """Stop the suite; exits with 1 when it does not end within WAIT_SECONDS."""
    state = read_state(data_dir)
    if state is None:
        print(f"no suite runs on {data_dir}")
        return
    os.kill(state.pid, signal.SIGTERM)
    deadline = time.monotonic() + WAIT_SECONDS
    while read_state(data_dir) is not None:
        if time.monotonic() > deadline:
            print(f"process {state.pid} has not ended after {WAIT_SECONDS:.0f} s", file=sys.stderr)
            sys.exit(1)
        time.sleep(0.1)
    print("stopped")


def run(call: Invocation) -> None:
    """Read the flags and stop the suite."""
    run_down(data_dir(call.values))
