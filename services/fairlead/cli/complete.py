"""What could come next on a command line; asked by the scripts of `completion`."""

import importlib

from fairlead.cli import commands
from fairlead.cli.command.flags import Flag, FlagKind
from fairlead.cli.general_flags import GENERAL


def candidates(words: list[str]) -> list[str]:
    """Names of commands, flags and values that the last of the words may become."""
    *before, last = words or [""]
    path = ""
    for word in before:
        longer = f"{path} {word}".strip()
        if longer in commands.COMMANDS or longer in commands.GROUPS:
            path = longer
    if path not in commands.COMMANDS:
        return sorted(name for name in commands.children(path) if name.startswith(last))
    flags = _flags(path)
    if before and before[-1].startswith("-") and not last.startswith("-"):
        flag = flags.get(before[-1].lstrip("-"))
        if flag is not None and flag.kind is not FlagKind.SWITCH:
            return [choice for choice in flag.choices if choice and choice.startswith(last)]
    return (
        sorted(f"--{name}" for name in flags if f"--{name}".startswith(last)) if last.startswith("-") else []
    )


def _flags(path: str) -> dict[str, Flag]:
    entry = commands.COMMANDS[path]
    command = getattr(importlib.import_module(f"fairlead.cli.{entry.module}"), entry.name)
    return {flag.name: flag for flag in (*GENERAL, *command.flags) if not flag.hidden}
