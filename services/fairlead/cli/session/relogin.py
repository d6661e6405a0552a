"""`relogin`: a new token for the current context."""

import msgspec

from fairlead.cli.command import Command, Invocation, switch
from fairlead.cli.connection import config_of, context_name, server_of
from fairlead.cli.errors import SettingsError
from fairlead.cli.session.login import CREDENTIALS, SINGLE_SIGN_ON, account_of, log_in


def run(call: Invocation) -> None:
    """Log in again to the server of the context."""
    config = config_of(call.values)
    name = context_name(call.values, config)
    context = config.context(name) if name else None
    if context is None:
        raise SettingsError("No context found. Login using `login SERVER`")
    server = server_of(call.values.overriding("server", str(context.get("server"))))
    if (config.user(str(context.get("user"))) or {}).get("refresh-token"):
        call = msgspec.structs.replace(call, values=call.values.overriding("sso", "true"))
    account = call.values.text("username") or account_of(server.token)
    if account:
        print(f"Relogging in as '{account}'")
    log_in(call, msgspec.structs.replace(server, token=""), name, username=account)


_SSO = switch("sso", "Log in through single sign-on.")
COMMAND = Command(
    usage="",
    about="Log in again to the server of the current context.",
    run=run,
    flags=(*CREDENTIALS, *SINGLE_SIGN_ON, _SSO),
)
