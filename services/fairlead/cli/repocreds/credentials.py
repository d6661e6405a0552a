"""`repocreds add`, `list` and `rm`."""

from fairlead.cli import prompt
from fairlead.cli.client import Document
from fairlead.cli.command import Command, Invocation, output, switch
from fairlead.cli.connection import connect
from fairlead.cli.errors import UsageError
from fairlead.cli.spec.access import ACCESS_FLAGS, access
from fairlead.cli.view import document
from fairlead.cli.view.columns import columns


def add(call: Invocation) -> None:
    """Keep credentials."""
    values, url = call.values, call.one("address that repositories' begin with")
    creds: Document = {"url": url, **access(url, values)}
    with connect(values) as client:
        made = client.connections.create_credentials(creds, upsert=values.switch("upsert"))
    print(f"Repository credentials for '{made.get('url', url)}' added")


def list_all(call: Invocation) -> None:
    """Print them, without the secrets."""
    with connect(call.values) as client:
        found = client.connections.credentials()
    form = call.values.text("output")
    if form in ("json", "yaml"):
        document.show(found, form)
    elif form == "url":
        print("".join(f"{creds['url']}\n" for creds in found), end="")
    else:
        rows = [
            (
                str(c["url"]),
                str(c.get("username") or "-"),
                _word(c.get("sshPrivateKey")),
                _word(c.get("tlsClientCertKey")),
            )
            for c in found
        ]
        print(columns([("URL PATTERN", "USERNAME", "SSH_CREDS", "TLS_CREDS"), *rows]), end="")


def remove(call: Invocation) -> None:
    """Forget credentials, asking first when a person is there."""
    if not call.arguments:
        raise UsageError("name at least one address")
    with connect(call.values) as client:
        for url in call.arguments:
            if prompt.may(call.values, f"Are you sure you want to remove '{url}'? [y/n] "):
                client.connections.delete_credentials(url)
                print(f"Repository credentials for '{url}' removed")
            else:
                print(f"The command to delete '{url}' was cancelled.")


def _word(value: object) -> str:
    return "true" if value else "false"


ADD = Command(
    usage="REPOURL",
    about="Keep credentials for all repositories whose address begins like this.",
    run=add,
    flags=(*ACCESS_FLAGS, switch("upsert", "Replace credentials of that address that are different.")),
    examples=("repocreds add https://git.example.com/shop --username ci --password secret",),
)
LIST = Command(
    usage="",
    about="List credentials, without their secrets.",
    run=list_all,
    flags=(output("wide", "url", "json", "yaml"),),
)
REMOVE = Command(usage="REPOURL...", about="Forget credentials.", run=remove)
