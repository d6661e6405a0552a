"""`repo rm`: disconnect repositories."""

from fairlead.cli import prompt
from fairlead.cli.command import Command, Invocation, text
from fairlead.cli.connection import connect
from fairlead.cli.errors import UsageError


def run(call: Invocation) -> None:
    """Disconnect each in turn, asking first when a person is there."""
    values = call.values
    if not call.arguments:
        raise UsageError("name at least one repository")
    with connect(values) as client:
        for url in call.arguments:
            if prompt.may(values, f"Are you sure you want to remove '{url}'? [y/n] "):
                client.connections.delete_repository(url, values.text("project"))
                print(f"Repository '{url}' removed")
            else:
                print(f"The command to delete '{url}' was cancelled.")


COMMAND = Command(
    usage="REPOURL...",
    about="Disconnect repositories.",
    run=run,
    flags=(text("project", "Project the repository is for."),),
    examples=("repo rm https://git.example.com/shop.git",),
)
