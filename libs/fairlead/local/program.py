"""Where the programs of wheels are.

Why: NATS and Redis come as wheels whose programs aren't always on PATH. Invariant: what this environment
installed wins over what the machine has, so everybody runs the same version.
"""

import importlib.util
import os
import shutil
import sys
from pathlib import Path

from fairlead.local.errors import ToolMissingError


def script_program(name: str) -> Path:
    """A program beside this interpreter, else on PATH. Raises ToolMissingError."""
    return _first_executable(name, Path(sys.executable).parent / name)


def package_program(package: str, name: str) -> Path:
    """A program in the `bin` folder of an installed package, else on PATH. Raises ToolMissingError."""
    spec = importlib.util.find_spec(package)
    folders = list(spec.submodule_search_locations or []) if spec else []
    return _first_executable(name, *(Path(folder) / "bin" / name for folder in folders))


def _first_executable(name: str, *places: Path) -> Path:
    for place in places:
        if os.access(place, os.X_OK):
            return place
    found = shutil.which(name)
    if found is None:
        raise ToolMissingError(f"{name} is not installed: `make setup` installs it, or put one on PATH")
    return Path(found)
