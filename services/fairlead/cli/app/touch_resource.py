"""`app patch-resource` and `delete-resource`: changing live objects by hand."""

from fairlead.cli import messages, prompt
from fairlead.cli.app.flags import NAMESPACE, PROJECT, one_app
from fairlead.cli.app.object_choice import choice, chosen, live_objects
from fairlead.cli.command import Command, Invocation, switch, text
from fairlead.cli.connection import connect
from fairlead.cli.errors import UsageError


def patch(call: Invocation) -> None:
    """Patch the objects meant."""
    values, app = call.values, one_app(call)
    for flag in ("patch", "kind"):
        if not values.text(flag):
            raise UsageError(f'required flag(s) "{flag}" not set')
    project = values.text("project")
    with connect(values) as client:
        objects = [named for named, _ in live_objects(client, app, project)]
        for named in chosen(objects, values, is_all=values.switch("all")):
            query = {**named.query(), "patchType": values.text("patch-type")}
            client.applications.patch_resource(app, query, values.text("patch"), project=project)
            messages.info(f"Resource '{named.name}' patched")


def delete(call: Invocation) -> None:
    """Delete the objects meant; what Git has comes back with the next sync."""
    values, app = call.values, one_app(call)
    if not values.text("kind"):
        raise UsageError('required flag(s) "kind" not set')
    project = values.text("project")
    more = {"force": values.switch("force"), "orphan": values.switch("orphan")}
    with connect(values) as client:
        objects = [named for named, _ in live_objects(client, app, project)]
        for named in chosen(objects, values, is_all=values.switch("all")):
            what = f"'{named.kind}/{named.name}'"
            if not prompt.may(values, f"Are you sure you want to delete {what}? [y/n] "):
                print(f"The command to delete {what} was cancelled.")
                continue
            client.applications.delete_resource(app, {**named.query(), **more}, project=project)
            messages.info(f"Resource '{named.name}' deleted")


PATCH = Command(
    usage="APPNAME",
    about="Patch live objects of an application.",
    run=patch,
    flags=(
        NAMESPACE,
        PROJECT,
        text("patch", "The patch."),
        text(
            "patch-type",
            "Kind of the patch, as Kubernetes names it.",
            default="application/merge-patch+json",
        ),
        *choice(),
    ),
    examples=("""app patch-resource web --kind Deployment --patch '{"spec":{"replicas":2}}'""",),
)
DELETE = Command(
    usage="APPNAME",
    about="Delete live objects of an application.",
    run=delete,
    flags=(
        NAMESPACE,
        PROJECT,
        switch("force", "Delete at once, without the object's grace."),
        switch("orphan", "Leave what the object owns."),
        *choice(),
    ),
    examples=("app delete-resource web --kind Pod --resource-name web-6f9",),
)
