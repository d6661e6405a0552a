"""Which `argocd` is driven, and running it as somebody at a terminal does.

The invariant: what a run needs and writes (configuration, home, caches) is in a folder of its own.
"""

import asyncio
import os
import shutil
from pathlib import Path
from typing import NamedTuple

VARIABLE = "ARGOCD_CLI"
SECONDS = 300.0
"""How long one command may take, on a machine with other work on it."""
OURS = b"fairlead"
"""What Fairlead's own `argocd` has in its text; the stock one is no text."""


class Ran(NamedTuple):
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


def found() -> Path | None:
    """The program: what ARGOCD_CLI names, or a stock `argocd` on PATH."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).resolve()
    on_path = shutil.which("argocd")
    return None if on_path is None or is_ours(Path(on_path)) else Path(on_path)


def is_ours(program: Path) -> bool:
    """Whether a program is Fairlead's own command, which is tested elsewhere."""
    with program.open("rb") as text:
        head = text.read(4096)
    return head.startswith(b"#!") and OURS in head


def why_not() -> str:
    """Why there is nothing to drive; "" when there is."""
    program = found()
    if program is None:
        return f"skipped: there is no stock argocd on PATH, and {VARIABLE} names none"
    if not os.access(program, os.X_OK):
        return f"skipped: {program}, which {VARIABLE} names, cannot be run"
    return ""


class Terminal:
    """Runs command lines of one user."""

    def __init__(self, program: Path, home: Path) -> None:
        self.home = home
        self.program = program
        home.mkdir(parents=True, exist_ok=True)

    async def run(self, words: list[str], *, stdin: str = "", **environment: str) -> Ran:
        """One command line, to its end. A command that does not end is killed, and its code is -9."""
        own = {"HOME": str(self.home), "ARGOCD_CONFIG_DIR": str(self.home / "config"), "TZ": "UTC"}
        child = await asyncio.create_subprocess_exec(
            self.program,
            *words,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=self.home,
            env={"PATH": os.environ["PATH"], **own, **environment},
        )
        try:
            async with asyncio.timeout(SECONDS):
                out, err = await child.communicate(stdin.encode())
        except BaseException:
            if child.returncode is None:
                child.kill()
                await child.wait()
            raise
        return Ran(child.returncode or 0, out.decode(errors="replace"), err.decode(errors="replace"))
