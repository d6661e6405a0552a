"""Help is there at once: no command reads its helpers before it is asked to do something.

Counted in modules, since seconds depend on the machine: what is heavy must not be among those read for help.
"""

import subprocess
import sys

import pytest

HEAVY = ("aiohttp", "kubernetes_asyncio", "cryptography", "git", "nats", "redis", "rich", "asyncio")
"""Each of these takes longer to read than help may."""
MOST = 420
"""Modules of all kinds; the interpreter and its library are about 200 of them."""

SCRIPT = """
import sys
from fairlead.cli.program import run
run(sys.argv[1:], "argocd")
print("MODULES", *sorted(sys.modules))
"""


@pytest.mark.parametrize(
    "words",
    [
        "--help",
        "app --help",
        "app sync --help",
        "proj role get --help",
        "cluster list --help",
        "version --help",
    ],
)
def test_help_reads_little(words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *words.split()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    modules = done.stdout.rpartition("MODULES ")[2].split()
    assert not [name for name in modules if name.partition(".")[0] in HEAVY]
    assert len(modules) < MOST, len(modules)
