"""From a command line to an exit code.

The invariant: whatever goes wrong ends here as one line and a documented exit code, never as a traceback:
JSON on stderr, or on stdout what is wrong with the command line itself, as the original has it. Passwords and
tokens are in none of these lines.
"""

import importlib
import io
import os
import shutil
import signal
import sys
import traceback
from contextlib import suppress
from pathlib import Path

from fairlead.cli import commands, messages
from fairlead.cli.command import usage
from fairlead.cli.command.command import Command, Invocation
from fairlead.cli.command.parse import HelpRequestedError, Parser
from fairlead.cli.command.values import Values
from fairlead.cli.environment import options_of_environment
from fairlead.cli.errors import CliError, EndedError, OutputError, UsageError
from fairlead.cli.general_flags import GENERAL
from fairlead.cli.route import split
from fairlead.cli.terminal import neutral_output

COMPLETE = "__complete"
"""What the scripts of `completion` ask with."""
_FAULT = "this is a fault of the command; --loglevel debug shows where"


def run(words: list[str], program: str) -> int:
    """Run one command line; returns the exit code."""
    with neutral_output():
        try:
            code = _ended(words, program)
            sys.stdout.flush()
        except BrokenPipeError:
            _discard_output()
            return 128 + signal.SIGPIPE
        except OutputError as error:
            _discard_output()
            messages.fatal(str(error))
            return error.exit_code
        return code


def _ended(words: list[str], program: str) -> int:
    try:
        _require_text(words)
        path, rest = split(words)
        step = _run if path in commands.COMMANDS else _outside
        return _complete(words[1:]) if words[:1] == [COMPLETE] else step(program, path, rest)
    except OutputError:
        raise
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
        raise
    except Exception as error:
        messages.debug("".join(traceback.format_exception(error)))
        messages.fatal(f"{type(error).__name__}: {error}", hint=_FAULT)
        return CliError.exit_code


def _discard_output() -> None:
    """Let nothing more be written: the interpreter would try once more when it ends, and complain."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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
        general = {flag.name for flag in GENERAL} - own
        values = Values(flags, options_of_environment(general) | parser.given)
        messages.configure(form=values.text("logformat"), level=values.text("loglevel"))
        command.run(Invocation(program=program, arguments=tuple(parser.arguments), values=values))
    except HelpRequestedError:
        print(usage.of_command(program, path, command, GENERAL, commands.below(path)))
    except UsageError as error:
        print(f"Error: {error}", flush=True)
        _advise(f"{program} {path} {command.usage} [flags]; --help says more.".replace("  ", " "))
        return error.exit_code
    sys.stdout.flush()
    return 0


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


def main() -> None:
    """Entry of the program, under whichever name it was called."""
    _open_what_is_closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    name = Path(sys.argv[0]).name
    program = name if name in ("fairlead", "argocd") else "fairlead"
    sys.exit(run(sys.argv[1:], program))


def _open_what_is_closed() -> None:
    """Give what was closed before us a place, so that no connection takes its number and is written to."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - open as long as we are
            setattr(sys, name, stream)
