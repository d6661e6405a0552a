"""Telling a step: the command, what it printed, how long it took, and the check that it truly happened."""

import asyncio
import os
import shlex
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from fairlead.local.errors import LocalError

COMMAND_SECONDS = 120.0
CHECK_SECONDS = 60.0
CHECK_POLL = 0.02
SHOWN_LINES = 24


class DemoError(LocalError):
    """A command failed or a check did not come true; the text says which and what was seen."""


class Story:
    """Prints as it goes. `programs` maps the name shown to the argument vector that is run."""

    def __init__(self, programs: Mapping[str, list[str]], environment: Mapping[str, str]) -> None:
        self._programs = programs
        self._environment = {**os.environ, **environment}
        self._colour = sys.stdout.isatty()
        self.started = time.monotonic()

    def chapter(self, title: str) -> None:
        """Begin a milestone."""
        self._print(f"\n{self._paint('1', title)}")

    def say(self, text: str) -> None:
        """A line of explanation."""
        self._print(f"  {text}")

    async def run(
        self,
        command: str,
        *,
        stdin: str = "",
        quiet: bool = False,
        expect: int = 0,
        cwd: Path | None = None,
        shown: str = "",
    ) -> str:
        """Run a command line whose first word names a program; returns its standard output.

        `shown` is printed in its place when the command holds a secret. Raises DemoError when it ends with
        another code than `expect`.
        """
        words = shlex.split(command)
        command = shown or command
        self._print(f"  {self._paint('36', '$ ' + command)}")
        began = time.monotonic()
        child = await asyncio.create_subprocess_exec(
            *self._programs.get(words[0], [words[0]]),
            *words[1:],
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._environment,
            cwd=cwd,
        )
        try:
            async with asyncio.timeout(COMMAND_SECONDS):
                output, errors = await child.communicate(stdin.encode())
        except TimeoutError as error:
            raise DemoError(f"`{command}` did not end within {COMMAND_SECONDS:.0f} s") from error
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        text = output.decode(errors="replace")
        if child.returncode != expect:
            raise DemoError(f"`{command}` ended with {child.returncode}:\n{text}{errors.decode()}")
        if not quiet:
            self._show(text)
        self._print(f"    {self._paint('2', f'{time.monotonic() - began:.2f} s')}")
        return text

    async def check(
        self, claim: str, holds: Callable[[], Awaitable[str]], *, since: float | None = None
    ) -> None:
        """Wait until `holds` returns "" (else it returns what it saw); says after how long it was true.

        `since` is the moment from which the time is counted, by default now. Raises DemoError.
        """
        began = time.monotonic() if since is None else since
        deadline = time.monotonic() + CHECK_SECONDS
        while seen := await holds():
            if time.monotonic() > deadline:
                raise DemoError(f"not true after {CHECK_SECONDS:.0f} s: {claim}; seen: {seen}")
            await asyncio.sleep(CHECK_POLL)
        self._print(f"  {self._paint('32', '✓')} {claim} ({time.monotonic() - began:.2f} s)")

    def _show(self, text: str) -> None:
        lines = text.rstrip().splitlines()
        for line in lines[:SHOWN_LINES]:
            self._print(f"    {line}")
        if len(lines) > SHOWN_LINES:
            self._print(f"    … {len(lines) - SHOWN_LINES} more lines")

    def _paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour else text

    def _print(self, text: str) -> None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
