"""`proj add-source-namespace` and `remove-source-namespace`: where applications of a project may be."""

from fairlead.cli.command import Command, Invocation
from fairlead.cli.proj import permitted


def add(call: Invocation) -> None:
    """Let applications of the project be in a namespace."""
    permitted.add(call, "sourceNamespaces", "NAMESPACE", "Source namespace")


def remove(call: Invocation) -> None:
    """Let applications of the project be in a namespace no longer."""
    permitted.remove(call, "sourceNamespaces", "NAMESPACE", "Source namespace")


ADD = Command(
    usage="PROJECT NAMESPACE",
    about="Let applications of the project be in a namespace, which may be a pattern.",
    run=add,
    examples=("proj add-source-namespace shop shop-apps",),
)
REMOVE = Command(
    usage="PROJECT NAMESPACE",
    about="Let applications of the project be in a namespace no longer.",
    run=remove,
)
