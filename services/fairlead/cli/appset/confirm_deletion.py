"""`appset confirm-deletion`: let applications go that their set generates no more, once a person says so."""

import re

from fairlead.cli.client import AppRef, Document
from fairlead.cli.command import Command, Invocation, text
from fairlead.cli.connection import connect
from fairlead.cli.view import times

APPROVED = "argocd.argoproj.io/deletion-approved"
LIST = "fairlead.dev/approved-list"
HELD = "DeletionHeld"
SHOWN = re.compile(r"\(list ([0-9a-f]{8})\)\.$")


def run(call: Invocation) -> None:
    """Write on the set the moment of the confirmation, and which list it is of: one that changed meanwhile
    is not confirmed."""
    named = AppRef.of(call.one("application set"), call.values.text("appset-namespace"))
    with connect(call.values) as client:
        found = client.application_sets.get(named)
        waiting, shown = _waiting(found)
        if not shown:
            print(f"Nothing of applicationset '{named.shown}' waits to be confirmed")
            return
        print(waiting)
        annotations = found["metadata"].get("annotations") or {}
        moment = times.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        found["metadata"]["annotations"] = {**annotations, APPROVED: moment, LIST: f"{moment} {shown}"}
        client.application_sets.create(found, upsert=True, dry_run=False)
    print(f"Deletions of applicationset '{named.shown}' confirmed")


def _waiting(aset: Document) -> tuple[str, str]:
    """What the set tells of what waits, and which list that is; "" when nothing does."""
    conditions = (aset.get("status") or {}).get("conditions") or ()
    words = next((str(one.get("message")) for one in conditions if one.get("type") == HELD), "")
    found = SHOWN.search(words)
    return words, found[1] if found is not None else ""


COMMAND = Command(
    usage="APPSETNAME",
    about="Confirm that applications which wait for it, as their set generates them no more, may be deleted.",
    run=run,
    flags=(text("appset-namespace", "Namespace of the application set.", short="N"),),
    examples=("appset confirm-deletion shops",),
)
