"""`appset create` and `delete`."""

import sys
import time

from fairlead.cli import prompt
from fairlead.cli.appset.read import sent
from fairlead.cli.appset.text import block
from fairlead.cli.client import AppRef, Client, Document
from fairlead.cli.command import Command, Invocation, Values, number, output, switch, text
from fairlead.cli.connection import connect
from fairlead.cli.errors import NOT_FOUND, PERMISSION_DENIED, RefusedError, TimedOutError, UsageError
from fairlead.cli.spec.files import documents
from fairlead.cli.view import document

LOOK = 1.0
"""Seconds between looks at a set that is waited for."""


def create(call: Invocation) -> None:
    """Create each set of each file, or replace it with --upsert."""
    values = call.values
    if not call.arguments:
        raise UsageError("give at least one file with ApplicationSets")
    found = [each for where in call.arguments for each in documents(where, "ApplicationSet")]
    with connect(values) as client:
        for item in found:
            _create(client, sent(item), values)


def _create(client: Client, item: Document, values: Values) -> None:
    metadata = item.setdefault("metadata", {})
    if values.text("appset-namespace"):
        metadata.setdefault("namespace", values.text("appset-namespace"))
    named = AppRef(str(metadata.get("namespace") or ""), str(metadata.get("name") or ""))
    before = _existing(client, named)
    is_dry = values.switch("dry-run")
    made = client.application_sets.create(item, upsert=values.switch("upsert"), dry_run=is_dry)
    word = "created" if before is None else "unchanged" if _same(before, made) else "updated"
    suffix = " (dry-run)" if is_dry else ""
    print(f"ApplicationSet '{made['metadata']['name']}' {word}{suffix}", file=sys.stderr)
    if values.switch("wait") and not is_dry:
        made = _until_done(client, named, values)
    form = values.text("output")
    if form in ("json", "yaml"):
        document.show(made, form)
    else:
        print(block(made), end="")


def delete(call: Invocation) -> None:
    """Delete each in turn, asking first when a person is there."""
    values = call.values
    if not call.arguments:
        raise UsageError("name at least one application set")
    with connect(values) as client:
        for name in call.arguments:
            named = AppRef.of(name, values.text("appset-namespace"))
            question = f"Are you sure you want to delete '{named.shown}' and all its Applications? [y/n] "
            if not values.switch("yes") and not prompt.may(values, question):
                print(f"The command to delete '{named.shown}' was cancelled.")
                continue
            client.application_sets.delete(named)
            if values.switch("wait"):
                _until_gone(client, named)
            print(f"applicationset '{named.shown}' deleted")


def _existing(client: Client, named: AppRef) -> Document | None:
    try:
        return client.application_sets.get(named)
    except RefusedError as error:
        if error.code in (NOT_FOUND, PERMISSION_DENIED):
            return None
        raise


def _same(before: Document, after: Document) -> bool:
    return before.get("spec") == after.get("spec")


def _until_done(client: Client, named: AppRef, values: Values) -> Document:
    limit = values.number("timeout")
    end = time.monotonic() + limit if limit else None
    while True:
        found = client.application_sets.get(named)
        conditions = (found.get("status") or {}).get("conditions") or []
        if any(e.get("type") == "ResourcesUpToDate" and e.get("status") == "True" for e in conditions):
            return found
        if end is not None and time.monotonic() > end:
            raise TimedOutError(f'timed out ({limit}s) waiting for applicationset "{named.shown}"')
        time.sleep(LOOK)


def _until_gone(client: Client, named: AppRef) -> None:
    while _existing(client, named) is not None:
        time.sleep(LOOK)


_NAMESPACE = text("appset-namespace", "Namespace of the application set.", short="N")
CREATE = Command(
    usage="FILE...",
    about="Create application sets from files.",
    run=create,
    flags=(
        switch("upsert", "Replace a set of that name that is different."),
        switch("dry-run", "Only show what would be."),
        switch("wait", "Wait until its applications are as it says."),
        number("timeout", "Seconds after which to give up waiting; 0 is never."),
        output("wide", "json", "yaml"),
        _NAMESPACE,
    ),
    examples=("appset create shops.yaml", "appset create shops.yaml --upsert --dry-run -o yaml"),
)
DELETE = Command(
    usage="APPSETNAME...",
    about="Delete application sets, and with them their applications unless they say otherwise.",
    run=delete,
    flags=(switch("yes", "Do not ask.", short="y"), switch("wait", "Wait until it is gone."), _NAMESPACE),
    examples=("appset delete shops --yes",),
)
