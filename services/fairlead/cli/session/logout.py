"""`logout`: end the session on the server, and forget its token here whatever the server says."""

from fairlead.cli import messages
from fairlead.cli.client import Client
from fairlead.cli.command import Command, Invocation
from fairlead.cli.connection import config_of, context_name, server_of
from fairlead.cli.errors import CliError, SettingsError


def run(call: Invocation) -> None:
    """Log out of a context."""
    values = call.values
    config = config_of(values)
    name = call.at_most_one("context") or context_name(values, config)
    context = config.context(name) if name else None
    if context is None:
        raise SettingsError(f"Context '{name}' undefined; nobody is logged in there")
    user = str(context.get("user"))
    kept = config.user(user) or {}
    if not kept.get("auth-token"):
        raise SettingsError(f"Error in getting token from context '{name}': nobody is logged in")
    _end(call, str(context.get("server")), str(kept["auth-token"]))
    config.forget_token(user)
    config.save()
    print(f"Logged out from '{name}'")


def _end(call: Invocation, address: str, token: str) -> None:
    try:
        server = server_of(call.values.overriding("server", address))
        with Client(server) as client:
            client.accounts.log_out(token)
    except CliError as error:
        messages.warning(f"the token could not be invalidated on the server: {error}")
    else:
        messages.info("token successfully invalidated on server")


COMMAND = Command(
    usage="[CONTEXT]",
    about="End the session with the server of a context, the current one unless named.",
    run=run,
    examples=("logout", "logout localhost:8080"),
)
