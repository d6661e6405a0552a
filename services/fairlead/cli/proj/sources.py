"""`proj add-source` and `remove-source`: where applications of a project may come from."""

from fairlead.cli.command import Command, Invocation
from fairlead.cli.proj import permitted


def add(call: Invocation) -> None:
    """Permit a repository."""
    permitted.add(call, "sourceRepos", "URL", "Source repository")


def remove(call: Invocation) -> None:
    """Permit a repository no longer."""
    permitted.remove(call, "sourceRepos", "URL", "Source repository")


ADD = Command(
    usage="PROJECT URL",
    about="Permit a repository, which may be a pattern.",
    run=add,
    examples=("proj add-source shop 'https://git.example.com/shop/*'",),
)
REMOVE = Command(usage="PROJECT URL", about="Permit a repository no longer.", run=remove)
