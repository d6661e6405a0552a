"""`app diff`: what a sync would change."""

from typing import Any

import msgspec

from fairlead.cli.app import show
from fairlead.cli.app.flags import JQ, LOCAL, LOCAL_ROOT, NAMESPACE, PROJECT, SERVER_SIDE_GENERATE, one_app
from fairlead.cli.app.predicted import at_revision, without_secrets
from fairlead.cli.app.server_side import asked_of_the_server, without_masked
from fairlead.cli.app.targets import positions
from fairlead.cli.client import AppRef, Client, Document
from fairlead.cli.command import Command, Invocation, Values, many, number, switch, text
from fairlead.cli.connection import connect
from fairlead.cli.errors import EndedError, UsageError
from fairlead.model.application import Application

MISSING_ARGUMENT = 2
"""Exit code when no application is named, so that 1 only means a difference."""


def run(call: Invocation) -> None:
    """Print the differences; ends with --diff-exit-code when there are any."""
    values = call.values
    if not call.arguments:
        missing = UsageError("name exactly one application")
        missing.exit_code = MISSING_ARGUMENT
        raise missing
    app, project = one_app(call), values.text("project")
    refresh = "hard" if values.switch("hard-refresh") else "normal" if values.switch("refresh") else ""
    with connect(values) as client:
        document = client.applications.get(app, refresh=refresh, project=project)
        items, is_other = compared(client, app, document, values, project)
    found = print_differences(items)
    if not is_other:
        show.tell_unknown(document, is_something_shown=found)
    if found and values.switch("exit-code"):
        raise EndedError(values.number("diff-exit-code"))


def compared(
    client: Client, app: AppRef, document: Document, values: Values, project: str
) -> tuple[list[Document], bool]:
    """Managed objects with what the flags say is desired, and whether that is other than what Git says."""
    items = client.applications.managed(app, project=project)
    manifests, is_masked = _desired(client, app, show.model(document), values, project)
    if manifests is None:
        return items, False
    if not values.switch("server-side-diff"):
        return at_revision(without_secrets(items), manifests), True
    if is_masked:
        items, manifests = without_secrets(items), without_masked(manifests)
    return asked_of_the_server(client, app, items, manifests, project=project), True


def _desired(
    client: Client, app: AppRef, read: Application, values: Values, project: str
) -> tuple[list[str] | None, bool]:
    """Other manifests than those of Git, None for none, and whether their Secrets are masked."""
    if values.text("local"):
        if values.switch("server-side-generate"):
            from fairlead.cli.app.local_files import archive_of

            return client.applications.rendered(app, archive_of(read, values), project=project), True
        from fairlead.cli.app.local_manifests import local_manifests

        return local_manifests(read, values), False
    other = positions(read, values)
    if values.text("revision"):
        other["revision"] = values.text("revision")
    if not other:
        return None, False
    return client.applications.manifests(app, project=project, **other), True


def print_differences(items: list[Document]) -> bool:
    """Print what differs, object by object. Returns whether anything does."""
    from fairlead.cli.app.differences import compare

    is_different = False
    for item in items:
        live, target = states_of(item)
        if item.get("hook") or not (item.get("modified") or live is None or target is None):
            continue
        if live is None and target is None:
            continue
        is_different = True
        kind = f"{item.get('group', '')}/{item.get('kind', '')}"
        print(f"\n===== {kind} {item.get('namespace', '')}/{item.get('name', '')} ======", flush=True)
        compare(live, target)
    return is_different


def states_of(item: Document) -> tuple[Any, Any]:
    """Live and desired object, each None when there is none.

    Where both exist they are what the comparison saw: without what it ignores, and with defaults.
    """
    live, target = _state(item, "liveState"), _state(item, "targetState")
    if live is None or target is None:
        return live, target
    return _state(item, "normalizedLiveState") or live, _state(item, "predictedLiveState") or target


def _state(item: Document, key: str) -> Any:
    text = item.get(key)
    return msgspec.json.decode(text) if text else None


COMMAND = Command(
    usage="APPNAME",
    about="Show how live objects differ from what Git says. Ends with 0 when nothing differs, 1 when "
    "something does, 2 without an argument, 20 on errors. KUBECTL_EXTERNAL_DIFF names another program "
    "than diff.",
    run=run,
    flags=(
        NAMESPACE,
        PROJECT,
        switch("refresh", "Compare anew first."),
        switch("hard-refresh", "Compare anew first, and render anew for it."),
        text("revision", "Compare with this revision instead."),
        LOCAL,
        LOCAL_ROOT,
        SERVER_SIDE_GENERATE,
        JQ,
        many("local-include", "With --server-side-generate, send only files of these patterns."),
        many("revisions", "Revisions of several sources, in the order of --source-positions."),
        many("source-positions", "Positions of sources, from 1.", commas=True),
        many("source-names", "Names of sources, in place of positions."),
        switch("server-side-diff", "Ask the cluster's API server what other manifests would change."),
        switch("exit-code", "Tell by the exit code whether anything differs.", default=True),
        number("diff-exit-code", "Exit code when something differs.", default=1),
    ),
    examples=("app diff web", "app diff web --revision v1.2.0", "app diff web --exit-code=false"),
)
