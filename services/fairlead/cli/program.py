"""From a command line to an exit code.

The invariant: whatever goes wrong ends here as one line and a documented exit code, never as a traceback:
JSON on stderr, or on stdout what is wrong with the command line itself, as the original has it. Passwords and
tokens are in none of these lines.
"""

import importlib
import io
import os
import shlex
import shutil
import signal
import sys
from pathlib import Path

from fairlead.cli import commands, messages
from fairlead.cli.command import usage
from fairlead.cli.command.command import Command, Invocation
from fairlead.cli.command.flags import FlagKind
from fairlead.cli.command.parse import HelpRequestedError, Parser
from fairlead.cli.command.values import Values
from fairlead.cli.errors import CliError, EndedError, SettingsError, UsageError
from fairlead.cli.general_flags import GENERAL
from fairlead.cli.terminal import neutral_output

OPTIONS_VARIABLE = "ARGOCD_OPTS"
COMPLETE = "__complete"
"""What the scripts of `completion` ask with."""


def run(words: list[str], program: str) -> int:
    """Run one command line; returns the exit code."""
    with neutral_output():
        return _ended(words, program)


def _ended(words: list[str], program: str) -> int:
    try:
        _require_text(words)
        path, rest = _split(words)
        step = _run if path in commands.COMMANDS else _outside
        return _complete(words[1:]) if words[:1] == [COMPLETE] else step(program, path, rest)
    except CliError as error:
        messages.fatal(str(error), hint=error.hint)
        return error.exit_code
    except UsageError as error:
        print(f"Error: {error}", flush=True)
        return error.exit_code
    except EndedError as ended:
        return ended.exit_code
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE


def _complete(words: list[str]) -> int:
    from fairlead.cli.complete import candidates

    print("".join(f"{word}\n" for word in candidates(words)), end="", flush=True)
    return 0


def _require_text(words: list[str]) -> None:
    """Raise UsageError for bytes that could not be read; Python keeps them as lone surrogates."""
    if any("\ud800" <= letter <= "\udfff" for word in words for letter in word):
        raise UsageError("an argument is not UTF-8")


def _run(program: str, path: str, rest: list[str]) -> int:
    entry = commands.COMMANDS[path]
    command: Command = getattr(importlib.import_module(f"fairlead.cli.{entry.module}"), entry.name)
    own = {flag.name for flag in command.flags}
    flags = (*command.flags, *(flag for flag in GENERAL if flag.name not in own))
    parser = Parser(flags)
    try:
        parser.read(rest)
        values = Values(flags, _defaults({flag.name for flag in flags}) | parser.given)
        messages.configure(form=values.text("logformat"), level=values.text("loglevel"))
        command.run(Invocation(program=program, arguments=tuple(parser.arguments), values=values))
    except HelpRequestedError:
        print(usage.of_command(program, path, command, GENERAL))
    except UsageError as error:
        print(f"Error: {error}", flush=True)
        _advise(f"{program} {path} {command.usage} [flags]; --help says more.".replace("  ", " "))
        return error.exit_code
    sys.stdout.flush()
    return 0


def _split(words: list[str]) -> tuple[str, list[str]]:
    """The longest path of commands among the words, and the other words in order."""
    path, rest, index = "", [], 0
    valued = {flag.name for flag in GENERAL if flag.kind is not FlagKind.SWITCH}
    while index < len(words):
        word = words[index]
        longer = commands.ALIASES.get(f"{path} {word}".strip(), f"{path} {word}".strip())
        if word.startswith("-"):
            takes_next = (word.startswith("--") and word[2:] in valued) or word == "-H"
            rest += words[index : index + 2] if takes_next else [word]
            index += 2 if takes_next else 1
        elif longer in commands.COMMANDS or longer in commands.GROUPS:
            path, index = longer, index + 1
        else:
            break
        if path in commands.COMMANDS:
            break
    return path, rest + words[index:]


def _outside(program: str, path: str, rest: list[str]) -> int:
    """Help of a group, a separate executable `argocd-<name>`, or an unknown command."""
    names = [word for word in rest if not word.startswith("-")]
    if not names:
        print(usage.of_group(program, path, commands.GROUPS[path], commands.children(path)))
        asked = not path or bool({"-h", "--help"} & set(rest))
        return 0 if asked else UsageError.exit_code
    other = shutil.which(f"argocd-{names[0]}") if not path else None
    if other:
        sys.stdout.flush()
        os.execv(other, [other, *rest[rest.index(names[0]) + 1 :]])  # noqa: S606 - the user's own plug-in
    whole = f"{program} {path}".strip()
    print(f'Error: unknown command "{names[0]}" for "{whole}"', flush=True)
    import difflib

    close = difflib.get_close_matches(names[0], commands.children(path))
    _advise(f"Did you mean {' or '.join(close)}?" if close else f"See {whole} --help.")
    return UsageError.exit_code


def _advise(advice: str) -> None:
    """Say what to do, where a person reads it and no program counts lines."""
    if sys.stderr.isatty():
        print(advice, file=sys.stderr)


def _defaults(known: set[str]) -> dict[str, list[str]]:
    """Flags given by ARGOCD_OPTS; those the command does not have are left out."""
    given: dict[str, list[str]] = {}
    try:
        words = shlex.split(os.environ.get(OPTIONS_VARIABLE, ""))
    except ValueError as error:
        raise SettingsError(f"{OPTIONS_VARIABLE} cannot be read: {error}") from None
    switches = {flag.name for flag in GENERAL if flag.kind is FlagKind.SWITCH}
    while words:
        name, equals, value = words.pop(0).removeprefix("--").partition("=")
        if not equals and name not in switches:
            value = words.pop(0) if words and not words[0].startswith("-") else "true"
        if name in known:
            given.setdefault(name, []).append(value if equals or name not in switches else "true")
    return given


def main() -> None:
    """Entry of the program, under whichever name it was called."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    name = Path(sys.argv[0]).name
    program = name if name in ("fairlead", "argocd") else "fairlead"
    sys.exit(run(sys.argv[1:], program))
