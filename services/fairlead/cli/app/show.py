"""Showing one application in the forms that several verbs print."""

import msgspec

from fairlead.cli import messages
from fairlead.cli.client import AppRef, Client, Document
from fairlead.cli.errors import CliError
from fairlead.cli.view import summary
from fairlead.cli.view.selection import Selection
from fairlead.cli.view.states import states, table
from fairlead.cli.view.tree import Tree, tree_table
from fairlead.model.application import Application
from fairlead.model.status import ConditionType

UNKNOWN_DESIRED = frozenset({ConditionType.COMPARISON_ERROR, ConditionType.INVALID_SPEC_ERROR})
"""Conditions under which what Git says, or how it compares, is not known."""


def model(document: Document) -> Application:
    """The application as a struct. Raises CliError when the server sent something else."""
    try:
        return msgspec.convert(document, Application)
    except msgspec.ValidationError:
        return _with_nulls(document)


def _with_nulls(document: Document) -> Application:
    from fairlead.model.decode import from_object
    from fairlead.model.errors import ModelError

    try:
        return from_object(document, Application)
    except (ModelError, msgspec.ValidationError) as error:
        raise CliError(f"the server's application cannot be read: {error}") from error


def tell_unknown(document: Document, *, is_something_shown: bool) -> None:
    """Say when what Git says could not be had or compared; with nothing to show raise CliError instead."""
    for condition in model(document).status.conditions:
        if condition.type in UNKNOWN_DESIRED:
            told = f"{condition.type}: {condition.message}"
            if not is_something_shown:
                raise CliError(told)
            messages.warning(told)


def url(client: Client, app: AppRef) -> str:
    """Where a browser shows the application."""
    base = str(client.settings().get("url") or client.server.url).rstrip("/")
    return f"{base}/applications/{app.shown}"


def objects(
    client: Client, app: AppRef, read: Application, form: str, chosen: Selection | None = None
) -> str:
    """The application's objects as a table or a tree."""
    rows = states(read, chosen)
    if not form.startswith("tree"):
        return table(rows)
    tree = tree_of(client, app)
    return tree_table(tree.nodes, rows, detailed=form == "tree=detailed")


def tree_of(client: Client, app: AppRef, project: str = "") -> Tree:
    """The application's tree."""
    try:
        return msgspec.convert(client.applications.tree(app, project=project), Tree)
    except msgspec.ValidationError as error:
        raise CliError(f"the server's tree cannot be read: {error}") from error


def windows(client: Client, app: AppRef, read: Application) -> summary.Windows:
    """The sync windows of the application's project."""
    try:
        project = client.project(read.spec.project or "default")
        if not project.get("spec", {}).get("syncWindows"):
            return summary.Windows()
        return summary.Windows(client.applications.sync_windows(app))
    except CliError:
        return summary.Windows()
