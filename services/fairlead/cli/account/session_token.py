"""`account session-token`: the token of the current session, for other programs."""

from fairlead.cli.command import Command, Invocation
from fairlead.cli.connection import server_of
from fairlead.cli.errors import SettingsError


def run(call: Invocation) -> None:
    """Print it."""
    token = server_of(call.values).token
    if not token:
        raise SettingsError("nobody is logged in there; log in first")
    print(token)


COMMAND = Command(usage="", about="Print the token of the current session.", run=run)
