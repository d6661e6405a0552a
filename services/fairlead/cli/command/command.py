"""A command and one call of it."""

from collections.abc import Callable
from importlib import import_module

import msgspec

from fairlead.cli.command.flags import Flag
from fairlead.cli.command.values import Values
from fairlead.cli.errors import UsageError


class Invocation(msgspec.Struct, frozen=True, kw_only=True):
    """One call: the words after the command's name, its flags, and the name the program was called by."""

    program: str
    arguments: tuple[str, ...]
    values: Values

    def one(self, what: str) -> str:
        """The only argument. Raises UsageError when it is missing or has company."""
        if len(self.arguments) != 1:
            raise UsageError(f"give exactly one {what}")
        return self.arguments[0]

    def exactly(self, *names: str) -> tuple[str, ...]:
        """The arguments, one for each name. Raises UsageError."""
        if len(self.arguments) != len(names):
            raise UsageError(f"give {' '.join(names)}" if names else "no argument is expected")
        return self.arguments

    def at_most_one(self, what: str) -> str:
        """The only argument or nothing."""
        if len(self.arguments) > 1:
            raise UsageError(f"give at most one {what}")
        return self.arguments[0] if self.arguments else ""


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """A verb. `usage` is what follows its name; `about` and `examples` are shown by its help.

    `run` does it and raises CliError. `is_local` marks a verb that talks to no API server.
    """

    usage: str
    about: str
    run: Callable[[Invocation], None]
    flags: tuple[Flag, ...] = ()
    examples: tuple[str, ...] = ()
    is_local: bool = False


def later(module: str, name: str = "run") -> Callable[[Invocation], None]:
    """What a command does, from a module that is read when the command runs: its help needs nothing of it.

    The module's name is that below `fairlead.cli`.
    """

    def run(call: Invocation) -> None:
        step: Callable[[Invocation], None] = getattr(import_module(f"fairlead.cli.{module}"), name)
        step(call)

    return run
