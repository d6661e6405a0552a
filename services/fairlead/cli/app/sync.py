"""`app sync`: make the cluster what Git says, and wait until it is."""

from typing import Any

from fairlead.cli.app import show
from fairlead.cli.app.await_state import Outcome, Wanted
from fairlead.cli.app.finish import wait_and_show
from fairlead.cli.app.flags import (
    DOCUMENT_FORMS,
    JQ,
    LOCAL,
    LOCAL_GENERATE,
    LOCAL_ROOT,
    NAMESPACE,
    RESOURCE,
    SELECTOR,
    TREE_FORMS,
    require_some,
    several,
)
from fairlead.cli.app.targets import labelled, positions, resources_of
from fairlead.cli.client import AppRef, Client
from fairlead.cli.command import (
    Command,
    Flag,
    Invocation,
    Values,
    duration,
    many,
    number,
    output,
    switch,
    text,
)
from fairlead.cli.connection import connect
from fairlead.cli.errors import OutcomeError, UsageError
from fairlead.cli.view.selection import selection

_OPTIONS = {
    "replace": "Replace=true",
    "server-side": "ServerSideApply=true",
    "apply-out-of-sync-only": "ApplyOutOfSyncOnly=true",
    "ignore-dependencies": "IgnoreDependencies=true",
}


def run(call: Invocation) -> None:
    """Sync each application in turn."""
    values = call.values
    projects = values.many("project")
    if call.arguments and len(projects) > 1:
        raise UsageError("an application that is named is in one project")
    require_some(call, projects)
    project = projects[0] if call.arguments and projects else ""
    with connect(values) as client:
        for app in several(call, client, projects):
            _sync(client, app, values, project)


def _sync(client: Client, app: AppRef, values: Values, project: str) -> None:
    request = _request(client, app, values, project)
    if values.switch("preview-changes"):
        _preview(client, app, values, project)
    client.applications.sync(app, request, project=project)
    if values.switch("async"):
        return
    chosen = selection(values.many("resource"))
    outcome = wait_and_show(
        client,
        app,
        Wanted(operation=True),
        chosen=chosen,
        timeout=values.number("timeout"),
        form=values.text("output"),
    )
    if not values.switch("dry-run"):
        _judge(outcome, is_partial="resources" in request)


def _request(client: Client, app: AppRef, values: Values, project: str) -> dict[str, Any]:
    found = client.applications.get(app, project=project)
    strategy = values.text("strategy")
    force = {"force": True} if values.switch("force") else {}
    request: dict[str, Any] = {
        "revision": values.text("revision"),
        "dryRun": values.switch("dry-run"),
        "prune": values.switch("prune"),
        "strategy": {strategy or "hook": force},
    }
    chosen = selection(values.many("resource"))
    labels = values.many("label")
    if chosen is not None or labels:
        named = labelled(client, app, labels) if labels else None
        request["resources"] = resources_of(show.model(found), chosen, named)
    if values.text("local"):
        from fairlead.cli.app.local_manifests import local_manifests

        request["manifests"] = local_manifests(show.model(found), values)
    request |= positions(show.model(found), values)
    options = [option for flag, option in _OPTIONS.items() if values.switch(flag)]
    if options:
        request["syncOptions"] = {"items": options}
    if values.is_given("retry-limit") and values.number("retry-limit"):
        request["retryStrategy"] = _retry(values)
    infos = values.many("info")
    if infos:
        request["infos"] = [
            {"name": name, "value": value} for name, _, value in (i.partition("=") for i in infos)
        ]
    return request


def _retry(values: Values) -> dict[str, Any]:
    return {
        "limit": values.number("retry-limit"),
        "refresh": values.switch("retry-refresh"),
        "backoff": {
            "duration": values.text("retry-backoff-duration"),
            "maxDuration": values.text("retry-backoff-max-duration"),
            "factor": values.number("retry-backoff-factor"),
        },
    }


def _judge(outcome: Outcome, *, is_partial: bool) -> None:
    """Raise OutcomeError when the operation failed or left something to prune."""
    state = outcome.operation
    if state is None:
        return
    if state.phase.value != "Succeeded":
        raise OutcomeError(f"Operation has completed with phase: {state.phase.value}")
    if is_partial or outcome.app is None or outcome.app.status.sync.status.value == "Synced":
        return
    results = state.sync_result.resources if state.sync_result is not None else ()
    left = sum(result.status.value == "PruneSkipped" for result in results)
    if left:
        raise OutcomeError(f"{left} resources require pruning")


def _preview(client: Client, app: AppRef, values: Values, project: str) -> None:
    from fairlead.cli import prompt
    from fairlead.cli.app.diff import compared, print_differences
    from fairlead.cli.errors import EndedError

    print("====== Previewing differences between live and desired state ======")
    document = client.applications.get(app, project=project)
    items, _ = compared(client, app, document, values, project)
    if not print_differences(items):
        print("====== No Differences found ======")
    if values.switch("assumeYes"):
        return
    if not prompt.confirm(f"Do you want to sync '{app.shown}'? [y/n] ", "--assumeYes"):
        raise EndedError(0)


def _retry_flags() -> tuple[Flag, ...]:
    return (
        number("retry-limit", "How often a failed sync is tried again; below zero for ever."),
        switch("retry-refresh", "Look for a newer revision at each retry."),
        duration("retry-backoff-duration", "Pause before the first retry.", default="5s"),
        duration("retry-backoff-max-duration", "Longest pause.", default="3m0s"),
        number("retry-backoff-factor", "By how much each pause is longer.", default=2),
    )


COMMAND = Command(
    usage="APPNAME...",
    about="Sync applications to what Git says and wait until that is done.",
    run=run,
    flags=(
        NAMESPACE,
        many("project", "Project of the application named; without a name, all applications of the project."),
        SELECTOR,
        RESOURCE,
        many("label", "Only objects with this label, NAME=VALUE."),
        text("revision", "Sync to this revision; the application's own stays as it is."),
        many("revisions", "Revisions of several sources, in the order of --source-positions."),
        many("source-positions", "Positions of sources, from 1.", commas=True),
        many("source-names", "Names of sources, in place of positions."),
        switch("dry-run", "Only say what would happen."),
        switch("prune", "Delete objects that Git no longer has."),
        switch("async", "Do not wait."),
        number("timeout", "Seconds after which to give up waiting; 0 is never."),
        text("strategy", "With hooks or by apply alone.", choices=("hook", "apply")),
        switch("force", "Replace objects that cannot be changed by deleting them first."),
        switch("replace", "Replace objects instead of applying changes to them."),
        switch("server-side", "Apply on the server."),
        switch("apply-out-of-sync-only", "Only apply what differs."),
        switch("ignore-dependencies", "Go on although what the application depends on is not ready."),
        many("info", "A note kept with the operation, NAME=VALUE."),
        LOCAL,
        LOCAL_ROOT,
        JQ,
        LOCAL_GENERATE,
        switch("preview-changes", "Show the differences and ask before syncing."),
        switch("assumeYes", "Answer every question with yes."),
        *_retry_flags(),
        output(*TREE_FORMS, *DOCUMENT_FORMS),
    ),
    examples=(
        "app sync web",
        "app sync web --revision v1.2.0 --dry-run",
        "app sync web --resource apps:Deployment:web",
        "app sync web --resource '!apps:Deployment:*' --prune",
        "app sync -l team=shop --async",
    ),
)
