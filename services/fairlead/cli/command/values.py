"""The values of a command's flags, read by name and kind."""

import csv
import re
from collections.abc import Iterable, Mapping

from fairlead.cli.command.flags import Flag, FlagKind
from fairlead.cli.errors import UsageError
from fairlead.model.duration import DurationError, parse_duration

_TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
MAX_NUMBER = (1 << 63) - 1
_FALSE = frozenset({"0", "f", "F", "false", "FALSE", "False"})


class Values:
    """What was given for the flags of one command; everything is checked once, when this is made.

    Raises UsageError for a value that its flag cannot have.
    """

    def __init__(self, flags: Iterable[Flag], given: Mapping[str, list[str]]) -> None:
        self._flags = {flag.name: flag for flag in flags}
        self._given = dict(given)
        for name, values in self._given.items():
            for value in values:
                _check(self._flags[name], value)

    def is_given(self, name: str) -> bool:
        """Whether the flag was written, even with its default as value."""
        return name in self._given

    def any_given(self, names: Iterable[str]) -> bool:
        """Whether one of the flags was written."""
        return any(self.is_given(name) for name in names)

    def text(self, name: str) -> str:
        """Value of a flag with a text."""
        return self._last(name, FlagKind.TEXT)

    def switch(self, name: str) -> bool:
        """Value of a flag that is on or off."""
        return self._last(name, FlagKind.SWITCH) in _TRUE

    def number(self, name: str) -> int:
        """Value of a flag with a number."""
        return number_of(self._last(name, FlagKind.NUMBER)) or 0

    def many(self, name: str) -> list[str]:
        """All values of a flag that may be repeated, in order."""
        self._expect(name, FlagKind.MANY)
        given = list(self._given.get(name, ()))
        return [part for value in given for part in _parts(value)] if self._flags[name].commas else given

    def overriding(self, name: str, value: str) -> "Values":
        """The same values with another one for `name`."""
        return Values(self._flags.values(), self._given | {name: [value]})

    def _last(self, name: str, kind: FlagKind) -> str:
        self._expect(name, kind)
        values = self._given.get(name)
        return values[-1] if values else self._flags[name].default

    def _expect(self, name: str, kind: FlagKind) -> None:
        if self._flags[name].kind is not kind:
            raise TypeError(f"--{name} is no {kind.name}")


def number_of(text: str) -> int | None:
    """A whole number as Go reads it: 10, -1, 0x1f, 0b1, 0o17, 017, 1_000."""
    is_old_octal = re.fullmatch(r"[+-]?0[0-7_]+", text) is not None
    if not re.fullmatch(r"[+-]?(0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]+|0|[1-9][0-9_]*)", text):
        return None
    try:
        return int(text, 8 if is_old_octal else 0)
    except ValueError:
        return None


def _parts(value: str) -> list[str]:
    """Raises csv.Error."""
    return next(csv.reader([value], skipinitialspace=True), [])


def _check(flag: Flag, value: str) -> None:
    written = f"-{flag.short}, --{flag.name}" if flag.short else f"--{flag.name}"
    wrong = f'invalid argument "{value}" for "{written}" flag: '
    if flag.kind is FlagKind.SWITCH and value not in _TRUE | _FALSE:
        raise UsageError(f'{wrong}strconv.ParseBool: parsing "{value}": invalid syntax')
    if flag.kind is FlagKind.NUMBER:
        number = number_of(value)
        if number is None:
            raise UsageError(f'{wrong}strconv.ParseInt: parsing "{value}": invalid syntax')
        if not -MAX_NUMBER <= number <= MAX_NUMBER:
            raise UsageError(f'{wrong}strconv.ParseInt: parsing "{value}": value out of range')
    if flag.is_duration:
        try:
            parse_duration(value)
        except DurationError as error:
            raise UsageError(f"{wrong}{error}") from None
    if flag.commas:
        try:
            _parts(value)
        except csv.Error:
            raise UsageError(f"{wrong}not a list of values with commas between") from None
    if flag.choices and value not in flag.choices:
        raise UsageError(f"{wrong}must be one of {', '.join(flag.choices)}")
