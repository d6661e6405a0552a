"""`proj delete`: projects that no application is in."""

from fairlead.cli import prompt
from fairlead.cli.command import Command, Invocation
from fairlead.cli.connection import connect
from fairlead.cli.errors import UsageError


def run(call: Invocation) -> None:
    """Delete each in turn, asking first when a person is there."""
    if not call.arguments:
        raise UsageError("name at least one project")
    with connect(call.values) as client:
        for name in call.arguments:
            if prompt.may(call.values, f"Are you sure you want to delete {name}? [y/n] "):
                client.projects.delete(name)
            else:
                print(f"The command to delete {name} was cancelled.")


COMMAND = Command(usage="PROJECT...", about="Delete projects.", run=run, examples=("proj delete shop",))
