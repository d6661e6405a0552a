"""`account generate-token` and `delete-token`: keys for programs."""

from fairlead.cli import prompt
from fairlead.cli.command import Command, Invocation, text
from fairlead.cli.connection import connect
from fairlead.cli.view import times

_ACCOUNT = text("account", "Name of the account; that of the session otherwise.", short="a")


def generate(call: Invocation) -> None:
    """Make a token and print it; it is shown this once."""
    values = call.values
    seconds = times.seconds(values.text("expires-in"), "--expires-in")
    with connect(values) as client:
        name = values.text("account") or client.accounts.user_info().username
        print(client.accounts.create_token(name, expiresIn=seconds, id=values.text("id")))


def delete(call: Invocation) -> None:
    """Take a token back."""
    values, token = call.values, call.one("token id")
    with connect(values) as client:
        name = values.text("account") or client.accounts.user_info().username
        if prompt.may(values, f"Are you sure you want to delete '{token}' token? [y/n] "):
            client.accounts.delete_token(name, token)
        else:
            print(f"The command to delete '{token}' was cancelled.")


GENERATE = Command(
    usage="",
    about="Make a token for an account that has the capability apiKey.",
    run=generate,
    flags=(
        _ACCOUNT,
        text(
            "expires-in", "How long it is valid, as 30d or 12h; for ever otherwise.", short="e", default="0s"
        ),
        text("id", "Identity of the token, a random one otherwise."),
    ),
    examples=("account generate-token --account ci --expires-in 90d",),
)
DELETE = Command(
    usage="ID",
    about="Take a token back; `account get` lists them.",
    run=delete,
    flags=(_ACCOUNT,),
    examples=("account delete-token --account ci 6a1c",),
)
