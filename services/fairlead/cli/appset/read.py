"""`appset list`, `get` and `generate`."""

from typing import Any

from fairlead.cli.appset.text import block, generated_table, list_table, qualified
from fairlead.cli.client import AppRef, Document
from fairlead.cli.command import Command, Invocation, many, output, switch, text
from fairlead.cli.connection import connect
from fairlead.cli.errors import SettingsError
from fairlead.cli.spec.files import documents
from fairlead.cli.view import document


def list_all(call: Invocation) -> None:
    """Print those that the flags mean."""
    values = call.values
    with connect(values) as client:
        found = client.application_sets.list_all(
            selector=values.text("selector"),
            projects=values.many("project"),
            namespace=values.text("appset-namespace"),
        )
    form = values.text("output")
    if form in ("json", "yaml"):
        document.show(found, form)
    elif form == "name":
        print("".join(f"{qualified(item)}\n" for item in found), end="")
    else:
        print(list_table(found), end="")


def get(call: Invocation) -> None:
    """Print one."""
    values = call.values
    named = AppRef.of(call.one("application set"), values.text("appset-namespace"))
    with connect(values) as client:
        found = client.application_sets.get(named)
    form = values.text("output")
    if form in ("json", "yaml"):
        document.show(found, form)
        return
    print(block(found, show_params=values.switch("show-params")), end="")


def generate(call: Invocation) -> None:
    """Print the applications that the set of a file would make."""
    values, where = call.values, call.one("file")
    found = documents(where, "ApplicationSet")
    if len(found) != 1:
        raise SettingsError(f"{where} has to describe one ApplicationSet")
    with connect(values) as client:
        made = client.application_sets.generate(sent(found[0]), values.text("appset-namespace"))
    applications = [_application(item) for item in made]
    form = values.text("output")
    if form == "name":
        print("".join(f"{item['metadata']['name']}\n" for item in applications), end="")
    elif form in ("json", "yaml"):
        document.show(applications, form)
    else:
        print(generated_table(applications), end="")


def sent(found: Document) -> Document:
    """A document of a file as a request has it; its kind is that of the request."""
    return {key: value for key, value in found.items() if key not in ("apiVersion", "kind")}


def _application(item: Document) -> dict[str, Any]:
    kept = {key: value for key, value in item.items() if key != "status"}
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", **kept}


_NAMESPACE = text("appset-namespace", "Namespace of the application set.", short="N")
LIST = Command(
    usage="",
    about="List application sets.",
    run=list_all,
    flags=(
        output("wide", "name", "json", "yaml"),
        text("selector", "Only those with these labels.", short="l"),
        many("project", "Only those whose applications are in this project.", short="p"),
        _NAMESPACE,
    ),
    examples=("appset list", "appset list -o name"),
)
GET = Command(
    usage="APPSETNAME",
    about="Show an application set.",
    run=get,
    flags=(
        output("wide", "json", "yaml"),
        switch("show-params", "Show Helm parameters as well."),
        _NAMESPACE,
    ),
    examples=("appset get shops", "appset get shops -o yaml"),
)
GENERATE = Command(
    usage="FILE",
    about="Show the applications that the application set of a file would make; nothing is created.",
    run=generate,
    flags=(output("wide", "name", "json", "yaml"), _NAMESPACE),
    examples=("appset generate shops.yaml -o yaml",),
)
