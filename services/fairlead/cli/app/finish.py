"""The end of a wait: the final state, and what it means for the exit code."""

from fairlead.cli.app import show
from fairlead.cli.app.await_state import Outcome, Waiting, Wanted
from fairlead.cli.app.flags import DOCUMENT_FORMS
from fairlead.cli.client import AppRef, Client
from fairlead.cli.view import document, summary
from fairlead.cli.view.progress import reporter
from fairlead.cli.view.selection import Selection


def wait_and_show(
    client: Client, app: AppRef, wanted: Wanted, *, chosen: Selection | None, timeout: int, form: str
) -> Outcome:
    """Wait and print the final state. Raises CliError when what was waited for did not come."""
    waiting = Waiting(client, app, wanted, chosen=chosen, timeout=timeout, reporter=reporter(form))
    outcome = waiting.run()
    if outcome.is_deleted and wanted.delete:
        print(f"application '{app.shown}' deleted")
    else:
        _print(client, app, outcome, form, is_operation=wanted.operation)
    if outcome.failure is not None:
        raise outcome.failure
    return outcome


def _print(client: Client, app: AppRef, outcome: Outcome, form: str, *, is_operation: bool) -> None:
    read = outcome.app
    if read is None:
        return
    if form in DOCUMENT_FORMS:
        document.show(outcome.document, form)
        return
    print(f"\n{summary.head(read, show.url(client, app))}")
    if is_operation and read.status.operation_state is not None:
        print(summary.operation(read.status.operation_state), end="")
    if read.status.resources:
        print(f"\n{show.objects(client, app, read, form)}", end="", flush=True)
