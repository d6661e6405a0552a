"""`app add-source` and `remove-source`: applications of several sources."""

from fairlead.cli import prompt
from fairlead.cli.app.flags import NAMESPACE, one_app
from fairlead.cli.app.which_source import SOURCE_CHOICE
from fairlead.cli.client import Document
from fairlead.cli.command import Command, Invocation
from fairlead.cli.connection import connect
from fairlead.cli.errors import DeclinedError, SettingsError, UsageError
from fairlead.cli.spec.source import apply_source
from fairlead.cli.spec.source_flags import SOURCE_FLAGS, SOURCE_NAMES


def add(call: Invocation) -> None:
    """Append a source that the flags describe."""
    values, app = call.values, one_app(call)
    if not values.any_given(SOURCE_NAMES):
        raise UsageError("describe the source: --repo and --path, --helm-chart or --ref")
    with connect(values) as client:
        spec = client.applications.get(app)["spec"]
        known: list[Document] = spec.get("sources") or []
        if not known and spec.get("source"):
            raise DeclinedError(
                f"Cannot add source: application {app.shown} does not have spec.sources defined"
            )
        source: Document = {}
        apply_source(source, values)
        spec["sources"] = [*known, source]
        client.applications.update_spec(app, spec, validate=True)
    print(f"Application '{app.shown}' updated successfully")


def remove(call: Invocation) -> None:
    """Take a source away, by its position or name."""
    values, app = call.values, one_app(call)
    name, position = values.text("source-name"), values.number("source-position")
    if bool(name) == values.is_given("source-position"):
        raise UsageError("give one of --source-position, counted from 1, and --source-name")
    with connect(values) as client:
        spec = client.applications.get(app)["spec"]
        known: list[Document] = spec.get("sources") or []
        index = _index(known, name, position)
        if len(known) == 1:
            raise DeclinedError("Cannot remove the only source of an application")
        which = name or f"at position {position}"
        if not prompt.may(
            values, f"Are you sure you want to remove the source {which} of '{app.shown}'? [y/n] "
        ):
            print(f"The command to delete source '{which}' was cancelled")
            return
        spec["sources"] = known[:index] + known[index + 1 :]
        client.applications.update_spec(app, spec, validate=True)
    print(f"Application '{app.shown}' updated successfully")


def _index(known: list[Document], name: str, position: int) -> int:
    if not known:
        raise DeclinedError("Application does not have multiple sources configured")
    if name:
        for index, source in enumerate(known):
            if source.get("name") == name:
                return index
        raise SettingsError(f"there is no source named '{name}'")
    if not 1 <= position <= len(known):
        raise SettingsError(f"there is no source at position {position}; there are {len(known)}, from 1")
    return position - 1


ADD = Command(
    usage="APPNAME",
    about="Append a source to an application of several sources.",
    run=add,
    flags=(NAMESPACE, *SOURCE_FLAGS),
    examples=("app add-source web --repo https://git.example.com/values.git --ref values",),
)
REMOVE = Command(
    usage="APPNAME",
    about="Take a source of several away.",
    run=remove,
    flags=(NAMESPACE, *SOURCE_CHOICE),
    examples=("app remove-source web --source-position 2",),
)
