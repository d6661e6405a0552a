"""`account get-user-info`: who is logged in."""

from fairlead.cli.app.flags import DOCUMENT_FORMS
from fairlead.cli.command import Command, Invocation, output
from fairlead.cli.connection import connect
from fairlead.cli.view import document


def run(call: Invocation) -> None:
    """Show whose session this is."""
    with connect(call.values) as client:
        info = client.accounts.user_info()
    if call.values.text("output") in DOCUMENT_FORMS:
        document.show(info, call.values.text("output"))
        return
    print(f"Logged In: {str(info.logged_in).lower()}")
    if info.logged_in:
        print(f"Username: {info.username}\nIssuer: {info.iss}\nGroups: {','.join(info.groups)}")


COMMAND = Command(
    usage="",
    about="Show whose session this is.",
    run=run,
    flags=(output("", *DOCUMENT_FORMS, default=""),),
)
