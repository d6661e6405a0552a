"""`app edit`: an application's spec in an editor."""

from fairlead.cli.app.flags import NAMESPACE, one_app
from fairlead.cli.command import Command, Invocation
from fairlead.cli.connection import connect
from fairlead.cli.spec.files import edited


def run(call: Invocation) -> None:
    """Open the spec, and write what comes out of the editor."""
    app = one_app(call)
    with connect(call.values) as client:
        spec = edited(client.applications.get(app).get("spec", {}), app.name)
        if spec is None:
            print("Edit cancelled, no changes made.")
            return
        client.applications.update_spec(app, spec, validate=True)


COMMAND = Command(
    usage="APPNAME",
    about="Edit an application's spec in the program of EDITOR.",
    run=run,
    flags=(NAMESPACE,),
    examples=("app edit web",),
)
