"""`app get-resource`: a live object of an application."""

from collections.abc import Iterator
from typing import Any

import msgspec

from fairlead.cli import messages
from fairlead.cli.app import show
from fairlead.cli.app.flags import NAMESPACE, PROJECT, one_app
from fairlead.cli.app.object_choice import Named
from fairlead.cli.command import Command, Invocation, many, output, switch, text
from fairlead.cli.connection import connect
from fairlead.cli.errors import DeclinedError, UsageError
from fairlead.cli.view import document
from fairlead.cli.view.columns import columns


def run(call: Invocation) -> None:
    """Print the objects of a kind, one when it is named."""
    values, app = call.values, one_app(call)
    if not values.text("kind"):
        raise UsageError('required flag(s) "kind" not set')
    wanted = values.text("resource-name")
    with connect(values) as client:
        tree = show.tree_of(client, app, values.text("project"))
        found = []
        for node in tree.nodes:
            if node.kind != values.text("kind") or (wanted and node.name != wanted):
                continue
            named = Named(
                group=node.group,
                version=node.version,
                kind=node.kind,
                namespace=node.namespace,
                name=node.name,
            )
            manifest = client.applications.resource(app, named.query(), project=values.text("project"))
            found.append(_kept(msgspec.json.decode(manifest), call))
    if not found:
        raise DeclinedError(f"No matching resource found: kind {values.text('kind')} {wanted}".rstrip())
    names = [str((obj.get("metadata") or {}).get("name") or wanted) for obj in found]
    messages.info(f"Resources '{', '.join(names)}' fetched")
    form = values.text("output")
    for obj in found:
        if form in ("json", "yaml"):
            document.show(obj, form)
        else:
            print(_table(obj), end="")


def _kept(obj: dict[str, Any], call: Invocation) -> dict[str, Any]:
    if not call.values.switch("show-managed-fields"):
        (obj.get("metadata") or {}).pop("managedFields", None)
    fields = call.values.many("filter-fields")
    if not fields:
        return obj
    kept: dict[str, Any] = {}
    for field in fields:
        source: Any = obj
        target = kept
        *parents, last = field.split(".")
        for key in parents:
            source = source.get(key) or {}
            target = target.setdefault(key, {})
        if isinstance(source, dict) and last in source:
            target[last] = source[last]
    return kept


def _table(obj: dict[str, Any]) -> str:
    rows: list[list[str]] = [["FIELD", "VALUE"]]
    for path, value in _leaves(obj, ""):
        first, *others = _text(value).split("\n")
        rows += [[path, first], *([line] for line in others)]
    return columns(rows)


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{index}]")
    else:
        yield path, value


def _text(value: Any) -> str:
    if value is None:
        return "<nil>"
    return str(value).lower() if isinstance(value, bool) else str(value)


COMMAND = Command(
    usage="APPNAME",
    about="Show live objects of an application.",
    run=run,
    flags=(
        NAMESPACE,
        PROJECT,
        text("kind", "Kind of the object."),
        text("resource-name", "Name of the object; all of the kind otherwise."),
        many("filter-fields", "Only these fields, as spec.replicas.", commas=True),
        switch("show-managed-fields", "Show who owns which field as well."),
        output("", "wide", "json", "yaml", default=""),
    ),
    examples=("app get-resource web --kind Deployment --resource-name web -o yaml",),
)
