"""`gpg add`, `list`, `get` and `rm`."""

from fairlead.cli import prompt
from fairlead.cli.command import Command, Invocation, output, text
from fairlead.cli.connection import connect
from fairlead.cli.errors import UsageError
from fairlead.cli.spec.places import read_text
from fairlead.cli.view import document
from fairlead.cli.view.columns import columns


def add(call: Invocation) -> None:
    """Keep the public keys of a file."""
    where = call.values.text("from")
    if not where:
        raise UsageError("give the file with --from")
    with connect(call.values) as client:
        made = client.connections.create_key(read_text(where), upsert=False)
    created = (made.get("created") or {}).get("items") or []
    skipped = made.get("skipped") or []
    print(f"Created {len(created)} key(s) from input file.")
    if skipped:
        print(
            f"Skipped {len(skipped)} key(s) from input file because they exist already: {', '.join(skipped)}"
        )


def list_all(call: Invocation) -> None:
    """Print the keys."""
    with connect(call.values) as client:
        found = client.connections.keys()
    form = call.values.text("output")
    if form in ("json", "yaml"):
        document.show(found, form)
        return
    rows = [
        (str(key.get("keyID")), str(key.get("subType") or "").upper(), str(key.get("owner") or ""))
        for key in found
    ]
    print(columns([("KEYID", "TYPE", "IDENTITY"), *rows]), end="")


def get(call: Invocation) -> None:
    """Print one key."""
    with connect(call.values) as client:
        key = client.connections.key(call.one("key id"))
    form = call.values.text("output")
    if form in ("json", "yaml"):
        document.show(key, form)
        return
    labels = (
        ("Key ID", "keyID"),
        ("Key fingerprint", "fingerprint"),
        ("Key subtype", "subType"),
        ("Key owner", "owner"),
    )
    for label, name in labels:
        value = str(key.get(name) or "")
        print(f"{label + ':':<18}{value.upper() if name == 'subType' else value}")
    print(f"Key data follows until EOF:\n{key.get('keyData') or ''}")


def remove(call: Invocation) -> None:
    """Forget a key."""
    key = call.one("key id")
    if not prompt.may(call.values, f"Are you sure you want to remove '{key}'? [y/n] "):
        print(f"The command to delete '{key}' was cancelled.")
        return
    with connect(call.values) as client:
        client.connections.delete_key(key)
    print(f"Deleted key with key ID {key}")


_FORM = output("wide", "json", "yaml")
ADD = Command(
    usage="",
    about="Keep GnuPG public keys that commits may be signed with.",
    run=add,
    flags=(text("from", "File with the keys in armoured form.", short="f"),),
    examples=("gpg add --from key.asc",),
)
LIST = Command(usage="", about="List public keys.", run=list_all, flags=(_FORM,))
GET = Command(usage="KEYID", about="Show a public key.", run=get, flags=(_FORM,))
REMOVE = Command(usage="KEYID", about="Forget a public key.", run=remove)
