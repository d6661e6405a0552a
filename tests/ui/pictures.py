"""`python -m tests.ui.pictures`: write the pictures of docs/images anew, from what the tests see.

Invariant: a picture in the tree is a screenshot of the real suite, not older than its test.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs" / "images"
TEST = "tests/ui/test_pictures.py"
CHOSEN = {
    "applications.png": "picture-applications-light-1440.png",
    "tree.png": "picture-tree-light-1440.png",
    "tree-dark.png": "picture-tree-dark-1440.png",
    "diff.png": "picture-diff-light-1440.png",
}


def main() -> int:
    """Run the test and take its pictures; its exit code."""
    with tempfile.TemporaryDirectory(prefix="fairlead-pictures-") as folder:
        environment = {**os.environ, "UI_SHOTS": folder}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", TEST], cwd=ROOT, env=environment, check=False
        )
        if done.returncode == 0:
            IMAGES.mkdir(exist_ok=True)
            for name, shot in CHOSEN.items():
                shutil.copy(Path(folder) / shot, IMAGES / name)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
