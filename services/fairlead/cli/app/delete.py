"""`app delete`: an application, with its objects unless told otherwise."""

from fairlead.cli import prompt
from fairlead.cli.app.await_state import Waiting, Wanted
from fairlead.cli.app.flags import NAMESPACE, PROJECT, SELECTOR, require_some, several
from fairlead.cli.client import AppRef, Client
from fairlead.cli.command import Command, Invocation, Values, switch, text
from fairlead.cli.connection import config_of, connect
from fairlead.cli.view.progress import Silence


def run(call: Invocation) -> None:
    """Delete each application in turn, asking first when a person is there."""
    values = call.values
    require_some(call)
    with connect(values) as client:
        for app in several(call, client):
            if _may(app, values):
                _delete(client, app, values)
            else:
                print(f"The command to delete '{app.shown}' was cancelled.")


def _may(app: AppRef, values: Values) -> bool:
    if values.switch("yes") or not values.switch("cascade") or not prompt.is_interactive():
        return True
    if not values.switch("prompts-enabled") or not config_of(values).prompts:
        return True
    question = f"Are you sure you want to delete '{app.shown}' and all its resources? [y/n] "
    return prompt.confirm(question, "--yes")


def _delete(client: Client, app: AppRef, values: Values) -> None:
    cascade = values.switch("cascade") if values.is_given("cascade") else None
    policy = values.text("propagation-policy") if values.is_given("propagation-policy") else ""
    client.applications.delete(app, cascade=cascade, policy=policy, project=values.text("project"))
    if values.switch("wait"):
        waiting = Waiting(client, app, Wanted(delete=True), chosen=None, timeout=0, reporter=Silence())
        waiting.run()
    print(f"application '{app.shown}' deleted")


COMMAND = Command(
    usage="APPNAME...",
    about="Delete applications and the objects they manage.",
    run=run,
    flags=(
        NAMESPACE,
        PROJECT,
        SELECTOR,
        switch("cascade", "Delete its objects as well; with false they stay.", default=True),
        text(
            "propagation-policy",
            "How its objects are deleted.",
            short="p",
            default="foreground",
            choices=("foreground", "background"),
        ),
        switch("yes", "Do not ask.", short="y"),
        switch("wait", "Wait until it is gone."),
    ),
    examples=("app delete web", "app delete web api --yes --wait", "app delete web --cascade=false"),
)
