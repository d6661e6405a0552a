"""Commands of the original whose capability is not there yet: each refuses in words, and with a code.

The invariant: a command is either done or in this table; none acts as if it had done something.
"""

from fairlead.cli.admin.flags import PLACE
from fairlead.cli.command import Command, Flag, Invocation, number, text
from fairlead.cli.errors import CliError

REFUSALS = {
    "admin dashboard": "there is no web UI to start yet; the API of a server is at its own address",
}
"""Why, by command."""


def _refusing(path: str, usage: str, about: str, flags: tuple[Flag, ...] = ()) -> Command:
    def run(_: Invocation) -> None:
        raise CliError(f"{path}: {REFUSALS[path]}")

    whole = f"{about} Not available yet: {REFUSALS[path]}."
    own = {flag.name for flag in flags}
    place = tuple(flag for flag in PLACE if flag.name not in own)
    return Command(usage=usage, about=whole, run=run, flags=(*flags, *place), is_local=True)


DASHBOARD = _refusing(
    "admin dashboard",
    "",
    "Start the web UI on this machine.",
    (
        number("port", "Port to listen on.", default=8080),
        text("address", "Address to listen on.", default="localhost"),
    ),
)
