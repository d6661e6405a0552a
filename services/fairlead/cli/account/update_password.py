"""`account update-password`: a new password, and with it a new session."""

from fairlead.cli import prompt
from fairlead.cli.client import Client
from fairlead.cli.command import Command, Invocation, text
from fairlead.cli.connection import config_of, connect, context_of
from fairlead.cli.errors import SettingsError


def run(call: Invocation) -> None:
    """Ask for what is missing, set the password, and log in again when it is our own."""
    values = call.values
    with connect(values) as client:
        me = client.accounts.user_info().username
        name = values.text("account") or me
        current = values.text("current-password") or prompt.ask_password(
            f"*** Enter password of currently logged in user ({me}): ", "--current-password"
        )
        new = values.text("new-password") or _new(name)
        client.accounts.update_password(name, current, new)
        print("Password updated")
        if name == me:
            _log_in_again(call, client, name, new)


def _new(name: str) -> str:
    first = prompt.ask_password(f"*** Enter new password for user {name}: ", "--new-password")
    if first != prompt.ask_password(f"*** Confirm new password for user {name}: ", "--new-password"):
        raise SettingsError("the two new passwords are different; nothing was changed")
    return first


def _log_in_again(call: Invocation, client: Client, name: str, password: str) -> None:
    config = config_of(call.values)
    context = context_of(call.values, config, client.server.address)
    if context is None:
        return
    config.keep_tokens(str(context.get("user")), client.accounts.log_in(name, password), "")
    config.save()
    print(f"Context '{context.get('name')}' updated")


COMMAND = Command(
    usage="",
    about="Set the password of an account, one's own unless named.",
    run=run,
    flags=(
        text("account", "Account to set the password of."),
        text("current-password", "Password of the session's account; better typed when asked."),
        text("new-password", "The new password; better typed when asked."),
    ),
)
