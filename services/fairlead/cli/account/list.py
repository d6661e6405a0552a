"""`account list`: local accounts."""

from fairlead.cli.app.flags import DOCUMENT_FORMS
from fairlead.cli.command import Command, Invocation, output
from fairlead.cli.connection import connect
from fairlead.cli.view import document
from fairlead.cli.view.columns import columns


def run(call: Invocation) -> None:
    """List those that may be seen."""
    with connect(call.values) as client:
        accounts = client.accounts.list_all()
    form = call.values.text("output")
    if form in DOCUMENT_FORMS:
        document.show(accounts, form)
    elif form == "name":
        print("".join(f"{account.name}\n" for account in accounts), end="")
    else:
        rows = [
            (account.name, str(account.enabled).lower(), ", ".join(account.capabilities))
            for account in accounts
        ]
        print(columns([("NAME", "ENABLED", "CAPABILITIES"), *rows]), end="")


COMMAND = Command(
    usage="",
    about="List accounts.",
    run=run,
    flags=(output("wide", "name", *DOCUMENT_FORMS),),
)
