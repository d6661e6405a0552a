"""`app rollback`: an earlier deployment again."""

from fairlead.cli.app import show
from fairlead.cli.app.await_state import Wanted
from fairlead.cli.app.finish import wait_and_show
from fairlead.cli.app.flags import DOCUMENT_FORMS, NAMESPACE, PROJECT, TREE_FORMS, ref
from fairlead.cli.client import AppRef
from fairlead.cli.command import Command, Invocation, number, output, switch
from fairlead.cli.connection import connect
from fairlead.cli.errors import OutcomeError, SettingsError, UsageError
from fairlead.model.application import Application


def run(call: Invocation) -> None:
    """Roll back and wait."""
    values = call.values
    if not 1 <= len(call.arguments) <= 2:
        raise UsageError("name the application and, if not the one before, the id of a deployment")
    app, project = ref(call.arguments[0], values), values.text("project")
    with connect(values) as client:
        read = show.model(client.applications.get(app, project=project))
        deployment = _id(read, call.arguments[1] if len(call.arguments) == 2 else "")
        client.applications.rollback(app, deployment, prune=values.switch("prune"), project=project)
        outcome = wait_and_show(
            client,
            AppRef(read.metadata.namespace, read.metadata.name),
            Wanted(operation=True),
            chosen=None,
            timeout=values.number("timeout"),
            form=values.text("output"),
        )
    if outcome.operation is not None and outcome.operation.phase.value != "Succeeded":
        raise OutcomeError(f"Operation has completed with phase: {outcome.operation.phase.value}")


def _id(app: Application, given: str) -> int:
    known = [entry.id for entry in app.status.history]
    if not given:
        if len(known) < 2:
            raise SettingsError(
                f"Application '{app.metadata.name}' should have at least two successful deployments"
            )
        return known[-2]
    if not given.isdecimal():
        raise UsageError(f"the id of a deployment is a number, not {given}; `app history` lists them")
    if int(given) not in known:
        raise SettingsError(
            f"Application '{app.metadata.name}' does not have deployment id '{given}' in history; "
            "`app history` lists them"
        )
    return int(given)


COMMAND = Command(
    usage="APPNAME [ID]",
    about="Go back to an earlier deployment, the one before unless an id of `app history` is given.",
    run=run,
    flags=(
        NAMESPACE,
        PROJECT,
        switch("prune", "Delete objects that the deployment does not have."),
        number("timeout", "Seconds after which to give up waiting; 0 is never."),
        output(*TREE_FORMS, *DOCUMENT_FORMS),
    ),
    examples=("app rollback web", "app rollback web 3 --prune"),
)
