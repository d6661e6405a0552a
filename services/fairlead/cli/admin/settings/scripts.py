"""Lua of settings, run on this machine in the engine that the controller runs it in."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fairlead.cli import messages
from fairlead.cli.errors import CliError
from fairlead.local.builds import render_engine_binary
from fairlead.local.errors import LocalError
from fairlead.render import ScriptError, Scripts

ENGINE_VARIABLE = "FAIRLEAD_RENDER_ENGINE"
"""Names the engine where it is installed; else it is built from its sources, once."""


def lua(script: str, variables: Mapping[str, Any], *, open_libs: bool) -> Any:
    """What a script returns. Raises CliError."""
    messages.quiet_libraries()
    binary = engine_binary()
    try:
        return asyncio.run(_run(binary, script, variables, open_libs=open_libs))
    except ScriptError as error:
        raise CliError(f"the script failed: {error}") from error


def engine_binary() -> Path:
    """The engine. Raises CliError where there is none."""
    named = os.environ.get(ENGINE_VARIABLE, "")
    try:
        return Path(named) if named else render_engine_binary()
    except LocalError as error:
        raise CliError(f"no script can be run here: {error}; {ENGINE_VARIABLE} names an engine") from error


async def _run(binary: Path, script: str, variables: Mapping[str, Any], *, open_libs: bool) -> Any:
    scripts = Scripts(binary)
    try:
        return await scripts.lua(script, variables, open_libs=open_libs)
    finally:
        await scripts.aclose()
