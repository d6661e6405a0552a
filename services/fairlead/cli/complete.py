"""What could come next on a command line; asked by the scripts of `completion`."""

import importlib

from fairlead.cli import commands
from fairlead.cli.command.command import Command
from fairlead.cli.command.flags import Flag, FlagKind
from fairlead.cli.general_flags import GENERAL
from fairlead.cli.route import split

EMPTY = '""'
"""How PowerShell spells a word that is empty."""


def candidates(words: list[str]) -> list[str]:
    """Names of commands, flags and values that the last of the words may become."""
    *before, last = words or [""]
    last = "" if last == EMPTY else last
    path, _ = split(before)
    command = _command(path)
    flags = _flags(command)
    below = commands.children(path) if path in commands.GROUPS else {}
    named = sorted(name for name in below if name.startswith(last) and split([*before, name])[0] != path)
    if last.startswith("-"):
        return _flag_or_value(flags, last, before)
    valued = _valued(flags, before)
    if valued is not None:
        return [value for value in _values(valued, before) if value.startswith(last)]
    if command is None or named:
        return named
    return [name for name in _names(command.usage, before, last) if name.startswith(last)]


def _flag_or_value(flags: dict[str, Flag], last: str, before: list[str]) -> list[str]:
    name, equals, value = last.partition("=")
    flag = flags.get(name)
    if equals and flag is not None:
        return [f"{name}={each}" for each in _values(flag, before) if each.startswith(value)]
    return sorted(flag for flag in flags if flag.startswith("--") and flag.startswith(last))


def _valued(flags: dict[str, Flag], before: list[str]) -> Flag | None:
    """The flag that waits for its value."""
    flag = flags.get(before[-1]) if before else None
    return flag if flag is not None and flag.kind is not FlagKind.SWITCH else None


def _values(flag: Flag, before: list[str]) -> list[str]:
    if flag.choices:
        return [choice for choice in flag.choices if choice]
    if flag.kind is FlagKind.SWITCH:
        return ["true", "false"]
    from fairlead.cli.known_names import of_flag

    return of_flag(flag.name, before)


def _names(usage: str, before: list[str], last: str) -> list[str]:
    from fairlead.cli.known_names import of_usage

    return of_usage(usage, before, is_qualified="/" in last)


def _command(path: str) -> Command | None:
    entry = commands.COMMANDS.get(path)
    if entry is None:
        return None
    found: Command = getattr(importlib.import_module(f"fairlead.cli.{entry.module}"), entry.name)
    return found


def _flags(command: Command | None) -> dict[str, Flag]:
    """Flags as they are written, long and short."""
    known = (*GENERAL, *(command.flags if command is not None else ()))
    shown = [flag for flag in known if not flag.hidden]
    found = {f"--{flag.name}": flag for flag in shown}
    return found | {f"-{flag.short}": flag for flag in shown if flag.short}
