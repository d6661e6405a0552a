"""`repo affected URL OLD NEW`: who reads a file that differs, and which; nothing is rendered to know it."""

from typing import Any

from fairlead.cli.client import Document
from fairlead.cli.command import Invocation, Values
from fairlead.cli.connection import connect
from fairlead.cli.errors import UsageError
from fairlead.cli.view import document
from fairlead.cli.view.columns import columns

SHOWN = 3
"""Files that are named before they are counted."""
UNSURE = "not known what it reads at the old revision"


def run(call: Invocation) -> None:
    """Print the applications and the files that make them so."""
    url, old, new = call.exactly("REPOURL", "OLD", "NEW")
    values = call.values
    for flag in ("revision", "from", "selector"):
        if values.text(flag):
            raise UsageError(f"--{flag} goes with REPOURL alone")
    with connect(values) as client:
        answer = client.connections.affected(url, old=old, new=new, target=values.text("target"))
    projects = values.many("project")
    items = [one for one in answer.get("items") or [] if not projects or one["project"] in projects]
    _print(items, answer, values)


def _print(items: list[Document], answer: Document, values: Values) -> None:
    form = values.text("output")
    if form in ("json", "yaml"):
        document.show(items, form)
    elif form == "name":
        print("".join(f"{each['namespace']}/{each['name']}\n" for each in items), end="")
    else:
        rows = [
            (f"{each['namespace']}/{each['name']}", each["targetRevision"], _files(each)) for each in items
        ]
        print(columns([("NAME", "TARGET", "FILES"), *rows]), end="")
        count = answer.get("followers") or 0
        print(f"\n{len(items)} of {count} applications of the repository are affected.")


def _files(item: dict[str, Any]) -> str:
    files = item.get("files") or []
    if not item.get("sure", True):
        return UNSURE
    more = len(files) - SHOWN + (item.get("more") or 0)
    shown = ", ".join(files[:SHOWN])
    return f"{shown} and {more} more" if more > 0 else shown or "too many to tell"
