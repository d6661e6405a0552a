"""A flag, as data."""

from enum import Enum

import msgspec


class FlagKind(Enum):
    """How the value is written. A switch takes a value only after `=`."""

    TEXT = "string"
    SWITCH = ""
    NUMBER = "int"
    MANY = "stringArray"


class Flag(msgspec.Struct, frozen=True, kw_only=True):
    """One flag. `default` is the value as text; `short` one letter or nothing."""

    name: str
    help: str
    kind: FlagKind = FlagKind.TEXT
    short: str = ""
    default: str = ""
    choices: tuple[str, ...] = ()
    hidden: bool = False
    commas: bool = False
    is_duration: bool = False
    """Whether one value may hold several, with commas between and quotes around what has one."""


def text(name: str, about: str, *, short: str = "", default: str = "", choices: tuple[str, ...] = ()) -> Flag:
    """A flag with a text; `choices`, when there are any, are the only ones allowed."""
    return Flag(name=name, help=about, short=short, default=default, choices=choices)


def duration(name: str, about: str, *, default: str) -> Flag:
    """A flag with a time span, as 1h30m."""
    return Flag(name=name, help=about, default=default, is_duration=True)


def switch(name: str, about: str, *, short: str = "", default: bool = False, hidden: bool = False) -> Flag:
    """A flag that is on or off."""
    value = "true" if default else "false"
    return Flag(name=name, help=about, kind=FlagKind.SWITCH, short=short, default=value, hidden=hidden)


def number(name: str, about: str, *, default: int = 0, short: str = "") -> Flag:
    """A flag with a whole number."""
    return Flag(name=name, help=about, kind=FlagKind.NUMBER, default=str(default), short=short)


def output(*forms: str, default: str = "wide") -> Flag:
    """The flag for the form of the output."""
    return text("output", "Form of the output.", short="o", default=default, choices=forms)


def many(name: str, about: str, *, short: str = "", commas: bool = False) -> Flag:
    """A flag that may be given again and again, and with `commas` several times at once."""
    return Flag(name=name, help=about, kind=FlagKind.MANY, short=short, commas=commas)
