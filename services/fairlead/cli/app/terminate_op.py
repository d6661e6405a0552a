"""`app terminate-op`: end the operation that runs."""

from fairlead.cli.app.flags import NAMESPACE, PROJECT, one_app
from fairlead.cli.command import Command, Invocation
from fairlead.cli.connection import connect


def run(call: Invocation) -> None:
    """Ask for its end."""
    app = one_app(call)
    with connect(call.values) as client:
        client.applications.terminate(app, project=call.values.text("project"))
    print(f"Application '{app.shown}' operation terminating")


COMMAND = Command(
    usage="APPNAME",
    about="End the operation that an application runs.",
    run=run,
    flags=(NAMESPACE, PROJECT),
    examples=("app terminate-op web",),
)
