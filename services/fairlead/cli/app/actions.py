"""`app actions list` and `run`: what can be done to live objects besides syncing."""

from fairlead.cli.app.flags import NAMESPACE, PROJECT, one_app, ref
from fairlead.cli.app.object_choice import Named, choice, chosen, live_objects, named_of
from fairlead.cli.client import AppRef, Client
from fairlead.cli.command import Command, Flag, Invocation, Values, many, output
from fairlead.cli.connection import connect
from fairlead.cli.errors import UsageError
from fairlead.cli.spec.source import pair
from fairlead.cli.view import document
from fairlead.cli.view.columns import columns

Row = dict[str, str | bool]


def list_all(call: Invocation) -> None:
    """Print the actions of the objects meant, all unless flags choose."""
    values, app = call.values, one_app(call)
    rows: list[Row] = []
    with connect(values) as client:
        for named in chosen(_objects(client, app, values), values, is_all=True):
            for action in client.applications.actions(app, named.query(), project=values.text("project")):
                rows.append(
                    {
                        "group": named.group,
                        "kind": named.kind,
                        "name": named.name,
                        "action": str(action.get("name")),
                        "disabled": bool(action.get("disabled")),
                    }
                )
    form = values.text("output") or values.text("out")
    if form in ("json", "yaml"):
        document.show(rows, form)
        return
    words = [
        [str(value).lower() if key == "disabled" else str(value) for key, value in row.items()]
        for row in rows
    ]
    print(columns([("GROUP", "KIND", "NAME", "ACTION", "DISABLED"), *words]), end="")


def run(call: Invocation) -> None:
    """Run an action on the objects meant."""
    values = call.values
    name, action = call.exactly("APPNAME", "ACTION")
    if not values.text("kind"):
        raise UsageError('required flag(s) "kind" not set')
    app = ref(name, values)
    given = [pair(text, "NAME=VALUE") for text in values.many("param")]
    parameters = [{"name": name, "value": value} for name, value in given]
    with connect(values) as client:
        for named in chosen(_objects(client, app, values), values, is_all=values.switch("all")):
            request = {**named.query(), "action": _short(action)}
            if parameters:
                request["resourceActionParameters"] = parameters  # type: ignore[assignment]
            client.applications.run_action(app, request, project=values.text("project"))


def _short(action: str) -> str:
    """The action's name; GROUP/KIND/ACTION is accepted as well."""
    return action.rpartition("/")[2]


def _objects(client: Client, app: AppRef, values: Values) -> list[Named]:
    project = values.text("project")
    found = [named for named, _ in live_objects(client, app, project)]
    itself = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application"}
    own = named_of({**client.applications.get(app, project=project), **itself})
    return found if own in found else [*found, own]


_OUT = Flag(
    name="out",
    help="Form of the output; another name of --output.",
    choices=("", "wide", "json", "yaml"),
    hidden=True,
)
LIST = Command(
    usage="APPNAME",
    about="List what can be done to the live objects of an application.",
    run=list_all,
    flags=(
        NAMESPACE,
        PROJECT,
        *choice(is_kind_needed=False),
        output("", "wide", "json", "yaml", default=""),
        _OUT,
    ),
    examples=("app actions list web", "app actions list web --kind Deployment"),
)
RUN = Command(
    usage="APPNAME ACTION",
    about="Do something to live objects of an application.",
    run=run,
    flags=(NAMESPACE, PROJECT, *choice(), many("param", "Parameter of the action, NAME=VALUE.")),
    examples=("app actions run web restart --kind Deployment --resource-name web",),
)
