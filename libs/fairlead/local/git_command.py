"""Running `git` the same way on every machine.

Why: a person's configuration (signing, templates, hooks, credential helpers) must not change what a demo or a
test does. Invariant: no configuration but the repository's own is read, and git never asks a question.
"""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from fairlead.local.errors import GitCommandError

COMMAND_SECONDS = 120
AUTHOR = "Fairlead Demo"
EMAIL = "demo@fairlead.dev"


def git_environment() -> dict[str, str]:
    """The whole environment of a git process."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.devnull,
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": AUTHOR,
        "GIT_AUTHOR_EMAIL": EMAIL,
        "GIT_COMMITTER_NAME": AUTHOR,
        "GIT_COMMITTER_EMAIL": EMAIL,
    }


async def run_git(*arguments: str | Path, folder: Path, env: Mapping[str, str] | None = None) -> str:
    """What `git` printed, without the last newline. Raises GitCommandError with its message."""
    child = await asyncio.create_subprocess_exec(
        "git",
        *arguments,
        cwd=folder,
        env={**git_environment(), **(env or {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(COMMAND_SECONDS):
            output, errors = await child.communicate()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode != 0:
        shown = " ".join(str(argument) for argument in arguments)
        raise GitCommandError(f"git {shown} in {folder}: {errors.decode(errors='replace').strip()}")
    return output.decode(errors="replace").removesuffix("\n")
