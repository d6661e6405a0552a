"""Splitting a command line into arguments and flag values.

Long flags are `--name value`, `--name=value`, or for a switch `--name`; short ones `-o json`, `-ojson`,
`-o=json` and, for switches, together. Flags may stand anywhere; `--` ends them.
"""

from collections.abc import Iterable

from fairlead.cli.command.flags import Flag, FlagKind
from fairlead.cli.errors import UsageError


class HelpRequestedError(Exception):
    """Somebody asked how the command is used."""


class Parser:
    """Reads words by the flags of one command."""

    def __init__(self, flags: Iterable[Flag]) -> None:
        known = tuple(flags)
        self._long = {flag.name: flag for flag in known}
        self._short = {flag.short: flag for flag in known if flag.short}
        self.given: dict[str, list[str]] = {}
        self.arguments: list[str] = []

    def read(self, words: list[str]) -> None:
        """Read all words. Raises UsageError, HelpRequestedError."""
        rest = list(words)
        while rest:
            word = rest.pop(0)
            if word == "--":
                self.arguments += rest
                return
            if word in ("-h", "--help"):
                raise HelpRequestedError
            if word.startswith("--"):
                self._read_long(word[2:], rest)
            elif word.startswith("-") and len(word) > 1:
                self._read_short(word[1:], rest)
            else:
                self.arguments.append(word)

    def _read_long(self, word: str, rest: list[str]) -> None:
        name, equals, value = word.partition("=")
        flag = self._long.get(name)
        if flag is None:
            raise UsageError(f"unknown flag: --{name}")
        self._keep(flag, value if equals else None, rest, f"--{name}")

    def _read_short(self, letters: str, rest: list[str]) -> None:
        while letters:
            letter, letters = letters[0], letters[1:]
            flag = self._short.get(letter)
            if flag is None:
                raise UsageError(f"unknown shorthand flag: '{letter}' in -{letter}{letters}")
            if letters.startswith("="):
                self._keep(flag, letters[1:], rest, f"-{letter}")
                return
            if flag.kind is not FlagKind.SWITCH:
                self._keep(flag, letters or None, rest, f"'{letter}' in -{letter}")
                return
            self._keep(flag, None, rest, f"-{letter}")

    def _keep(self, flag: Flag, value: str | None, rest: list[str], written: str) -> None:
        if value is None and flag.kind is FlagKind.SWITCH:
            value = "true"
        elif value is None and not rest:
            raise UsageError(f"flag needs an argument: {written}")
        elif value is None:
            value = rest.pop(0)
        self.given.setdefault(flag.name, []).append(value)
