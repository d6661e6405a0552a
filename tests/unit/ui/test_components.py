"""The web UI's own tests of its logic, which Vitest runs."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_components_and_logic_of_the_web_ui_hold() -> None:
    argv = [
        sys.executable,
        "-m",
        "fairlead.local",
        "tool",
        "vitest",
        "run",
        "--reporter=dot",
        "--maxWorkers=2",
    ]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, f"{done.stdout[-12000:]}\n{done.stderr[-4000:]}"
