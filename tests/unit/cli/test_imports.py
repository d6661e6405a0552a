"""Help is there at once: no command reads its helpers before it is asked to do something.

Counted in modules, since seconds depend on the machine: what is heavy must not be among those read for help.
"""

import subprocess
import sys

import pytest

HEAVY = ("aiohttp", "kubernetes_asyncio", "cryptography", "git", "nats", "redis", "rich", "asyncio")
"""Each of these takes longer to read than help may."""
UNNEEDED = ("ssl", "yaml", "email", "http.client", "urllib.request", "subprocess", "tempfile")
"""What is for doing something, and costs a fifth of what help may each."""
MOST = 420
"""Modules of all kinds; the interpreter and its library are about 200 of them."""

SCRIPT = """
import sys
from fairlead.cli.program import run
run(sys.argv[1:], "argocd")
print("MODULES", *sorted(sys.modules))
"""


EVERY = """
import importlib, sys
from fairlead.cli import commands
for entry in commands.COMMANDS.values():
    getattr(importlib.import_module(f"fairlead.cli.{entry.module}"), entry.name)
print("MODULES", *sorted(sys.modules))
"""


def read(script: str, *words: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", script, *words], capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout.rpartition("MODULES ")[2].split()


def test_what_every_command_takes_is_known_without_what_it_does() -> None:
    known = read(EVERY)
    assert not [name for name in known if name.partition(".")[0] in HEAVY]
    assert not set(UNNEEDED) & set(known)


@pytest.mark.parametrize("words", ["--help", "app sync --help", "admin export --help", "up --help"])
def test_help_reads_little(words: str) -> None:
    modules = read(SCRIPT, *words.split())
    assert "fairlead.cli.program" in modules
    assert len(modules) < MOST, len(modules)
