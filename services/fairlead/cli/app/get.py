"""`app get`: one application."""

from fairlead.cli.app import show
from fairlead.cli.app.flags import DOCUMENT_FORMS, NAMESPACE, PROJECT, TREE_FORMS, one_app
from fairlead.cli.client import AppRef, Client
from fairlead.cli.command import Command, Invocation, Values, number, output, switch, text
from fairlead.cli.connection import connect
from fairlead.cli.errors import SettingsError, UsageError
from fairlead.cli.view import document, summary
from fairlead.model.application import Application
from fairlead.model.source import Source


def run(call: Invocation) -> None:
    """Get it, compared anew when asked, and print it."""
    values, app = call.values, one_app(call)
    refresh = "hard" if values.switch("hard-refresh") else "normal" if values.switch("refresh") else ""
    form = values.text("output")
    with connect(values) as client:
        found = client.applications.get(app, refresh=refresh, project=values.text("project"))
        if form in DOCUMENT_FORMS:
            document.show(found, form)
        else:
            _print(client, app, show.model(found), values)


def _print(client: Client, app: AppRef, read: Application, values: Values) -> None:
    print(summary.head(read, show.url(client, app), show.windows(client, app, read)), end="")
    if read.status.conditions:
        print(f"\n{summary.conditions(read)}")
    if values.switch("show-operation") and read.status.operation_state is not None:
        print(f"\n{summary.operation(read.status.operation_state)}", end="")
    if values.switch("show-params"):
        _print_parameters(summary.parameters(_sources(read, values)))
    if read.status.resources:
        print(f"\n{show.objects(client, app, read, values.text('output'))}", end="")


def _sources(read: Application, values: Values) -> tuple[Source, ...]:
    """The source that was chosen, or all. Raises SettingsError when there is none like it."""
    sources = read.spec.effective_sources()
    position, name = values.number("source-position"), values.text("source-name")
    if values.is_given("source-position") and name:
        raise UsageError("Only one of source-position and source-name can be specified.")
    if name:
        found = tuple(source for source in sources if source.name == name)
        if not found:
            raise SettingsError(f"there is no source named '{name}'")
        return found
    if not values.is_given("source-position"):
        return sources
    if not 1 <= position <= len(sources):
        raise SettingsError(f"there is no source at position {position}; there are {len(sources)}, from 1")
    return sources[position - 1 : position]


def _print_parameters(shown: str) -> None:
    if shown:
        print(f"\n\n{shown}", end="")


COMMAND = Command(
    usage="APPNAME",
    about="Show an application: where it comes from, where it goes, and how its objects are.",
    run=run,
    flags=(
        NAMESPACE,
        PROJECT,
        output(*TREE_FORMS, *DOCUMENT_FORMS),
        switch("refresh", "Compare anew first."),
        switch("hard-refresh", "Compare anew first, and render anew for it."),
        switch("show-operation", "Show the last operation as well."),
        switch("show-params", "Show Helm parameters as well."),
        number("timeout", "Accepted and without effect."),
        number("source-position", "Position of the source to show parameters of, from 1.", default=-1),
        text("source-name", "Name of the source to show parameters of."),
    ),
    examples=("app get web", "app get web -o tree", "app get web --refresh -o json"),
)
