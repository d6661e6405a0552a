"""`app confirm-deletion`: let objects go whose deletion waits to be confirmed."""

import re
from typing import Any

from fairlead.cli.app.flags import NAMESPACE, one_app
from fairlead.cli.command import Command, Invocation
from fairlead.cli.connection import connect
from fairlead.cli.view import times

ANNOTATION = "argocd.argoproj.io/deletion-approved"
LIST = "fairlead.dev/approved-list"
HELD = "PruneGuardWarning"
SHOWN = re.compile(r"\(list ([sk][0-9a-f]{8})\)\.$")


def run(call: Invocation) -> None:
    """Write on the application the moment of the confirmation, and which list of prunes it is of."""
    app = one_app(call)
    with connect(call.values) as client:
        found = client.applications.get(app)
        annotations = found["metadata"].setdefault("annotations", None) or {}
        annotations[ANNOTATION] = moment = times.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        annotations[LIST] = f"{moment} {_shown_list(found)}"
        found["metadata"]["annotations"] = annotations
        client.applications.update(app, found)
    print(f"Application '{app.shown}' updated successfully")


def _shown_list(app: dict[str, Any]) -> str:
    """The list of prunes that waits, as the application tells of it; "" when none does."""
    conditions = (app.get("status") or {}).get("conditions") or ()
    texts = (str(one.get("message")) for one in conditions if one.get("type") == HELD)
    found = next(filter(None, map(SHOWN.search, texts)), None)
    return found[1] if found is not None else ""


COMMAND = Command(
    usage="APPNAME",
    about="Confirm that objects which wait for it may be deleted or pruned.",
    run=run,
    flags=(NAMESPACE,),
    examples=("app confirm-deletion web",),
)
