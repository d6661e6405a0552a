"""Help texts, made from the same data that flags are read by."""

import textwrap
from collections.abc import Iterable, Mapping

from fairlead.cli.command.command import Command
from fairlead.cli.command.flags import Flag, FlagKind

WIDTH = 100
"""Columns of help."""


def of_group(program: str, path: str, about: str, children: Mapping[str, str]) -> str:
    """Help of a group of commands, `children` being their summaries by name."""
    name = f"{program} {path}".strip()
    lines = [about, "", "Usage:", f"  {name} COMMAND", "", "Commands:", *_children(children), ""]
    return "\n".join([*lines, f'"{name} COMMAND --help" says more about a command.'])


def of_command(
    program: str, path: str, command: Command, general: Iterable[Flag], children: Mapping[str, str]
) -> str:
    """Help of one command; `general` are the flags of every command, `children` the commands below it."""
    name = f"{program} {path} {command.usage}".rstrip()
    lines = [*textwrap.wrap(command.about, WIDTH, break_on_hyphens=False), "", "Usage:", f"  {name} [flags]"]
    if command.examples:
        lines += ["", "Examples:", *(f"  {program} {example}" for example in command.examples)]
    if children:
        lines += ["", "Commands:", *_children(children)]
    lines += ["", "Flags:", *_rows([*command.flags, _HELP])]
    own = {flag.name for flag in command.flags}
    if command.is_local:
        return "\n".join(lines)
    lines += ["", "General flags:", *_rows([flag for flag in general if flag.name not in own])]
    return "\n".join(lines)


_HELP = Flag(name="help", short="h", help="Show this text.", kind=FlagKind.SWITCH, default="false")


def _children(children: Mapping[str, str]) -> list[str]:
    width = max(map(len, children), default=0)
    return [f"  {child:<{width}}  {summary}" for child, summary in children.items()]


def _rows(flags: Iterable[Flag]) -> list[str]:
    shown = sorted((flag for flag in flags if not flag.hidden), key=lambda flag: flag.name)
    heads = [_head(flag) for flag in shown]
    width = max(map(len, heads), default=0)
    rows = []
    for head, flag in zip(heads, shown, strict=True):
        lines = textwrap.wrap(_about(flag), max(WIDTH - width, 30), break_on_hyphens=False) or [""]
        rows += [f"{head:<{width}}   {lines[0]}", *(f"{'':<{width}}   {line}" for line in lines[1:])]
    return rows


def _head(flag: Flag) -> str:
    short = f"-{flag.short}, " if flag.short else "    "
    return f"  {short}--{flag.name} {flag.kind.value}".rstrip()


def _about(flag: Flag) -> str:
    notes = [f"one of {', '.join(flag.choices)}"] if flag.choices else []
    if flag.default not in ("", "false", "0"):
        notes.append(f"default {flag.default}")
    return f"{flag.help} ({'; '.join(notes)})" if notes else flag.help
