"""`app manifests`: what Git says, or what is live."""

from typing import Any

import msgspec

from fairlead.cli.app import show
from fairlead.cli.app.flags import JQ, LOCAL, LOCAL_ROOT, NAMESPACE, PROJECT, one_app
from fairlead.cli.app.targets import positions
from fairlead.cli.client import AppRef, Client, Document
from fairlead.cli.command import Command, Invocation, Values, many, text
from fairlead.cli.connection import connect


def run(call: Invocation) -> None:
    """Print the objects as YAML documents."""
    from fairlead.cli.view.yaml_text import as_yaml

    values, app = call.values, one_app(call)
    with connect(values) as client:
        found = client.applications.get(app, project=values.text("project"))
        objects = _objects(client, app, found, values)
        for obj in objects:
            print(f"---\n{as_yaml(obj)}")
        if values.text("source") == "git" and not values.any_given(("revision", "revisions", "local")):
            show.tell_unknown(found, is_something_shown=bool(objects))


def _objects(client: Client, app: AppRef, found: Document, values: Values) -> list[Any]:
    project = values.text("project")
    if values.text("source") == "live":
        items = client.applications.managed(app, project=project)
        return [
            msgspec.json.decode(item.get("liveState") or "null") for item in items if not item.get("hook")
        ]
    if values.text("local"):
        from fairlead.cli.app.local_manifests import local_manifests

        return [msgspec.json.decode(text) for text in local_manifests(show.model(found), values)]
    query = positions(show.model(found), values)
    if values.text("revision"):
        query["revision"] = values.text("revision")
    if query:
        return [
            msgspec.json.decode(text) for text in client.applications.manifests(app, project=project, **query)
        ]
    items = client.applications.managed(app, project=project)
    states = (msgspec.json.decode(item.get("targetState") or "null") for item in items)
    return [state for state in states if state is not None]


COMMAND = Command(
    usage="APPNAME",
    about="Print an application's manifests; the values of Secrets are masked.",
    run=run,
    flags=(
        NAMESPACE,
        PROJECT,
        text("source", "What Git says, or what is live.", default="git", choices=("git", "live")),
        text("revision", "The manifests of this revision."),
        many("revisions", "Revisions of several sources, in the order of --source-positions."),
        many("source-positions", "Positions of sources, from 1.", commas=True),
        many("source-names", "Names of sources, in place of positions."),
        LOCAL,
        LOCAL_ROOT,
        JQ,
    ),
    examples=("app manifests web", "app manifests web --revision v1.2.0", "app manifests web --source live"),
)
