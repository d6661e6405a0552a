"""`proj edit`: a project's spec in an editor."""

from fairlead.cli.command import Command, Invocation
from fairlead.cli.connection import connect
from fairlead.cli.spec.files import edited


def run(call: Invocation) -> None:
    """Open the spec, and write what comes out of the editor."""
    (name,) = call.exactly("PROJECT")
    with connect(call.values) as client:
        project = client.projects.get(name)
        spec = edited(project.get("spec", {}), f"project-{name}")
        if spec is None:
            print("Edit cancelled, no changes made.")
            return
        project["spec"] = spec
        client.projects.update(project)


COMMAND = Command(
    usage="PROJECT",
    about="Edit a project's spec in the program of EDITOR.",
    run=run,
    examples=("proj edit shop",),
)
