"""`app confirm-deletion`: let objects go whose deletion waits to be confirmed."""

from fairlead.cli.app.flags import NAMESPACE, one_app
from fairlead.cli.command import Command, Invocation
from fairlead.cli.connection import connect
from fairlead.cli.view import times

ANNOTATION = "argocd.argoproj.io/deletion-approved"


def run(call: Invocation) -> None:
    """Write the moment of the confirmation on the application."""
    app = one_app(call)
    with connect(call.values) as client:
        found = client.applications.get(app)
        annotations = found["metadata"].setdefault("annotations", None) or {}
        annotations[ANNOTATION] = times.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        found["metadata"]["annotations"] = annotations
        client.applications.update(app, found)
    print(f"Application '{app.shown}' updated successfully")


COMMAND = Command(
    usage="APPNAME",
    about="Confirm that objects which wait for it may be deleted or pruned.",
    run=run,
    flags=(NAMESPACE,),
    examples=("app confirm-deletion web",),
)
