"""`app wait`: until applications are as they should be."""

from fairlead.cli.app.await_state import Wanted
from fairlead.cli.app.finish import wait_and_show
from fairlead.cli.app.flags import (
    DOCUMENT_FORMS,
    NAMESPACE,
    PROJECT,
    RESOURCE,
    SELECTOR,
    TREE_FORMS,
    require_some,
    several,
)
from fairlead.cli.command import Command, Invocation, Values, number, output, switch
from fairlead.cli.connection import connect
from fairlead.cli.view.selection import selection

CONDITIONS = ("sync", "health", "operation", "suspended", "degraded", "delete", "hydrated")


def run(call: Invocation) -> None:
    """Wait for each application in turn."""
    values = call.values
    require_some(call)
    chosen = selection(values.many("resource"))
    with connect(values) as client:
        for app in several(call, client):
            wait_and_show(
                client,
                app,
                wanted(values),
                chosen=chosen,
                timeout=values.number("timeout"),
                form=values.text("output"),
            )


def wanted(values: Values) -> Wanted:
    """What the flags ask for; synced, healthy and at rest when they ask for nothing."""
    if not any(values.switch(name) for name in CONDITIONS):
        return Wanted(sync=True, health=True, operation=True)
    return Wanted(**{name: values.switch(name) for name in CONDITIONS})


COMMAND = Command(
    usage="APPNAME...",
    about="Wait until applications are synced, healthy and without a running operation, or as the flags say.",
    run=run,
    flags=(
        NAMESPACE,
        PROJECT,
        SELECTOR,
        RESOURCE,
        switch("sync", "Wait until synced."),
        switch("health", "Wait until healthy; a fall into Degraded ends the wait."),
        switch("operation", "Wait until no operation runs."),
        switch("suspended", "Wait until suspended."),
        switch("degraded", "Wait until degraded."),
        switch("delete", "Wait until deleted."),
        switch("hydrated", "Wait until hydrated."),
        number("timeout", "Seconds after which to give up; 0 is never."),
        output(*TREE_FORMS, *DOCUMENT_FORMS),
    ),
    examples=(
        "app wait web",
        "app wait web api --health --timeout 300",
        "app wait web --resource apps:Deployment:web --health",
        "app wait -l team=shop --sync",
    ),
)
