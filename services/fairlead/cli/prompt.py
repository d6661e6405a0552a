"""Questions to the person at the terminal.

The invariant: a password is never echoed, and nobody is asked where nobody sits.
"""

import getpass
import sys

from fairlead.cli.command.values import Values
from fairlead.cli.errors import SettingsError


def is_interactive() -> bool:
    """Whether a person reads the output."""
    return sys.stdout.isatty()


def ask(question: str, what: str) -> str:
    """A line of text. Raises SettingsError without input; `what` says which flag would do instead."""
    sys.stdout.write(question)
    sys.stdout.flush()
    line = sys.stdin.readline()
    if not line:
        raise SettingsError(f"no input; give {what}")
    return line.strip()


def ask_password(question: str, what: str) -> str:
    """A text that is not shown; from a pipe, one line of it."""
    if not sys.stdin.isatty():
        return ask(question, what)
    return getpass.getpass(question)


def confirm(question: str, what: str, *, default: bool | None = None) -> bool:
    """Whether the answer is yes. An empty one is the `default`; what is neither yes nor no is asked again."""
    while True:
        answer = ask(question, what).lower()
        if not answer and default is not None:
            return default
        if answer in ("y", "yes"):
            return True
        if answer in ("n", "no"):
            return False


def may(values: Values, question: str) -> bool:
    """Whether to go on: yes where nobody is to be asked, else what the person says."""
    if not is_interactive() or not values.switch("prompts-enabled"):
        return True
    from fairlead.cli.connection import config_of

    return not config_of(values).prompts or confirm(question, "--prompts-enabled=false")
