"""`account get`: one account."""

from datetime import UTC, datetime

from fairlead.cli.app.flags import DOCUMENT_FORMS
from fairlead.cli.client import Account
from fairlead.cli.command import Command, Invocation, output, text
from fairlead.cli.connection import connect
from fairlead.cli.view import document
from fairlead.cli.view.columns import columns


def run(call: Invocation) -> None:
    """Show an account, that of the session unless named."""
    values = call.values
    with connect(values) as client:
        name = values.text("account") or client.accounts.user_info().username
        account = client.accounts.get(name)
    if values.text("output") in DOCUMENT_FORMS:
        document.show(account, values.text("output"))
    else:
        print(_text(account), end="")


def _text(account: Account) -> str:
    lines = [
        f"{'Name:':<20}{account.name}",
        f"{'Enabled:':<20}{str(account.enabled).lower()}",
        f"{'Capabilities:':<20}{', '.join(account.capabilities)}",
        "",
        "Tokens:",
    ]
    if not account.tokens:
        return "\n".join([*lines, "NONE", ""])
    rows = [(token.id, _day(token.issued_at), _day(token.expires_at)) for token in account.tokens]
    return "\n".join([*lines, columns([("ID", "ISSUED AT", "EXPIRING AT"), *rows])])


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone().isoformat() if seconds else "never"


COMMAND = Command(
    usage="",
    about="Show an account.",
    run=run,
    flags=(
        text("account", "Name of the account; that of the session otherwise.", short="a"),
        output("wide", *DOCUMENT_FORMS),
    ),
)
