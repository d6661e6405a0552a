"""`app rollback`: an earlier deployment again."""

import msgspec

from fairlead.cli.app import show
from fairlead.cli.app.await_state import Wanted
from fairlead.cli.app.finish import wait_and_show
from fairlead.cli.app.flags import DOCUMENT_FORMS, NAMESPACE, PROJECT, TREE_FORMS, one_app, ref
from fairlead.cli.client import AppRef
from fairlead.cli.command import Command, Invocation, Values, number, output, switch, text
from fairlead.cli.connection import connect
from fairlead.cli.errors import OutcomeError, RefusedError, SettingsError, UsageError
from fairlead.cli.pausing import end_of
from fairlead.cli.view import times
from fairlead.matching.pins import none_of, pin_of, texts_of, words
from fairlead.matching.repository import is_artifact
from fairlead.model.application import Application
from fairlead.model.source import Source
from fairlead.model.times import stamp
from fairlead.rpc.waiting import Pinned

BUSY = "another operation is already in progress"


def run(call: Invocation) -> None:
    """Roll back and wait."""
    values = call.values
    if not 1 <= len(call.arguments) <= 2:
        raise UsageError("name the application and, if not the one before, the id of a deployment")
    app, project = ref(call.arguments[0], values), values.text("project")
    with connect(values) as client:
        read = show.model(client.applications.get(app, project=project))
        deployment = _id(read, call.arguments[1] if len(call.arguments) == 2 else "")
        if values.switch("pin"):
            pin = _pin(read, deployment, values)
            patch = msgspec.json.encode({"metadata": {"annotations": {**none_of(), **texts_of(pin)}}})
            client.applications.patch(app, patch.decode(), "merge", project=project)
            print(f"Application '{app.shown}' is {words(pin)}")
        try:
            client.applications.rollback(app, deployment, prune=values.switch("prune"), project=project)
        except RefusedError as error:
            if not values.switch("pin") or BUSY not in str(error):
                raise  # automation is at it already
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


def _pin(app: Application, deployment: int, values: Values) -> Pinned:
    """The pin to a deployment. Raises SettingsError where its revision alone would not bring it back."""
    if values.is_given("for") and values.is_given("until"):
        raise UsageError("say --for or --until, not both")
    entry = next(entry for entry in app.status.history if entry.id == deployment)
    then = entry.sources or ((entry.source,) if entry.source is not None else ())
    now = app.spec.effective_sources()
    if [_place(source) for source in then] != [_place(source) for source in now]:
        raise SettingsError(
            f"deployment {deployment} was made of other sources or parameters than the application has now; "
            "a pin keeps a revision alone: change the spec back, then roll back"
        )
    until = end_of(values, times.now()) if values.any_given(("for", "until")) else None
    return Pinned(
        revisions=entry.revisions or (entry.revision,),
        until="" if until is None else stamp(until),
        since=stamp(times.now()),
        reason=values.text("reason").strip(),
        newer_than=_gone_back_from(app) if values.switch("until-newer") else (),
    )


def _gone_back_from(app: Application) -> tuple[str, ...]:
    """What a newer commit is newer than: what is compared with now, which for an application that is pinned
    already is nothing its branches are at. Raises SettingsError where nobody knows."""
    pin, sync = pin_of(app), app.status.sync
    if all(source.chart or is_artifact(source.repo_url) for source in app.spec.effective_sources()):
        raise SettingsError("only newer commits are looked for, and it has no source in Git: give it an end")
    if pin is None:
        return sync.revisions or (sync.revision,)
    if pin.problem or not pin.newer_than:
        raise SettingsError(
            "it is pinned already, until it is let go, so it is not known here what its branches are at; "
            "pin it without --until-newer"
        )
    return pin.newer_than


def _place(source: Source) -> Source:
    return msgspec.structs.replace(source, target_revision="")


def unpin(call: Invocation) -> None:
    """Let the application follow its branches again."""
    app = one_app(call)
    with connect(call.values) as client:
        patch = msgspec.json.encode({"metadata": {"annotations": none_of()}}).decode()
        client.applications.patch(app, patch, "merge")
    print(f"Application '{app.shown}' follows what is newest again")


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
        switch("pin", "Stay at it: follow nothing newer, with automated sync on as well."),
        text("for", "With --pin: how long, as 4h; without it until it is let go."),
        text("until", "With --pin: when that ends (RFC 3339), in place of --for."),
        switch("until-newer", "With --pin: let go when there is a newer commit than the present one."),
        text("reason", "With --pin: why, for everybody to read."),
        number("timeout", "Seconds after which to give up waiting; 0 is never."),
        output(*TREE_FORMS, *DOCUMENT_FORMS),
    ),
    examples=("app rollback web", "app rollback web 3 --prune", "app rollback web 3 --pin --for 4h"),
)
UNPIN = Command(
    usage="APPNAME",
    about="Let an application that is pinned follow what is newest again.",
    run=unpin,
    flags=(NAMESPACE,),
    examples=("app unpin web",),
)
