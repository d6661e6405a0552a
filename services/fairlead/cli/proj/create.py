"""`proj create`: a new project, from flags or from a file."""

from fairlead.cli.client import Document
from fairlead.cli.command import Command, Invocation, switch, text
from fairlead.cli.connection import connect
from fairlead.cli.errors import SettingsError, UsageError
from fairlead.cli.proj.spec_flags import SPEC_FLAGS, apply_spec
from fairlead.cli.spec.files import documents


def run(call: Invocation) -> None:
    """Create it."""
    project = described(call)
    with connect(call.values) as client:
        client.projects.create(project, upsert=call.values.switch("upsert"))


def described(call: Invocation) -> Document:
    """The project that the command line means. Raises UsageError, SettingsError."""
    values, name = call.values, call.at_most_one("project")
    project: Document = {"metadata": {}, "spec": {}}
    if values.text("file"):
        found = documents(values.text("file"), "AppProject")
        if len(found) != 1:
            raise SettingsError(f"{values.text('file')} has to describe one project")
        project = found[0]
    elif not name:
        raise UsageError("name the project, or give --file")
    metadata = project.setdefault("metadata", {})
    if name and metadata.get("name") not in (None, name):
        raise SettingsError(
            f"project name '{name}' does not match project spec metadata.name '{metadata['name']}'"
        )
    if name:
        metadata["name"] = name
    apply_spec(project.setdefault("spec", {}), values)
    return project


COMMAND = Command(
    usage="PROJECT",
    about="Create a project from flags, from a file with --file, or from a file with changes by flags.",
    run=run,
    flags=(
        *SPEC_FLAGS,
        text("file", "File, address or - for the input, with an AppProject in YAML or JSON.", short="f"),
        switch("upsert", "Replace a project of that name that is different."),
    ),
    examples=(
        "proj create shop -d https://kubernetes.default.svc,shop-* -s 'https://git.example.com/shop/*'",
        "proj create -f project.yaml --upsert",
    ),
)
