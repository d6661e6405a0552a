"""The values of a command's flags, read by name and kind."""

import csv
from collections.abc import Iterable, Mapping

from fairlead.cli.command.flags import Flag, FlagKind
from fairlead.cli.errors import UsageError

_TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
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
        return int(self._last(name, FlagKind.NUMBER))

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


def _parts(value: str) -> list[str]:
    return next(csv.reader([value], skipinitialspace=True), [])


def _check(flag: Flag, value: str) -> None:
    if flag.kind is FlagKind.SWITCH and value not in _TRUE | _FALSE:
        raise UsageError(f'invalid argument "{value}" for "--{flag.name}" flag: must be true or false')
    if flag.kind is FlagKind.NUMBER and not value.removeprefix("-").isdecimal():
        raise UsageError(f'invalid argument "{value}" for "--{flag.name}" flag: must be a whole number')
    if flag.choices and value not in flag.choices:
        raise UsageError(
            f'invalid argument "{value}" for "--{flag.name}" flag: must be one of {", ".join(flag.choices)}'
        )
