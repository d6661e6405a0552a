"""`app patch`: a JSON patch or a merge patch."""

from fairlead.cli.app.flags import DOCUMENT_FORMS, NAMESPACE, PROJECT, one_app
from fairlead.cli.command import Command, Invocation, output, text
from fairlead.cli.connection import connect
from fairlead.cli.errors import UsageError
from fairlead.cli.view import document


def run(call: Invocation) -> None:
    """Patch it and print what it is now."""
    values, app = call.values, one_app(call)
    patch = values.text("patch")
    if not patch:
        raise UsageError("give the change with --patch")
    with connect(values) as client:
        found = client.applications.patch(app, patch, values.text("type"), project=values.text("project"))
    document.show(found, values.text("output"))
    if values.text("output") == "yaml":
        print()


COMMAND = Command(
    usage="APPNAME",
    about="Change an application by a patch and print it.",
    run=run,
    flags=(
        NAMESPACE,
        PROJECT,
        text("patch", "The patch."),
        text("type", "Kind of the patch: RFC 6902 or RFC 7386.", default="json", choices=("json", "merge")),
        output(*DOCUMENT_FORMS, default="yaml"),
    ),
    examples=(
        """app patch web --patch '[{"op":"replace","path":"/spec/source/path","value":"apps/web"}]'""",
        """app patch web --type merge --patch '{"spec":{"source":{"targetRevision":"main"}}}'""",
    ),
)
