"""`repo preview`: what a pull request would do, for whoever reads a terminal or the log of a pipeline."""

import msgspec

from fairlead.cli.client import Client, Document
from fairlead.cli.command import Invocation, Values
from fairlead.cli.connection import connect
from fairlead.cli.errors import EndedError, RefusedError, UsageError
from fairlead.cli.view import document
from fairlead.previews.report import Report

PULLS = ("refs/pull/{}/head", "refs/merge-requests/{}/head", "refs/pull-requests/{}/from")
"""Where hosts keep the heads of their requests: GitHub and Gitea, GitLab, Bitbucket Server."""
_UNKNOWN = "unable to resolve"
MARKDOWN = 1 << 20
"""Bytes of a comment that is printed; hosts take less."""


def run(call: Invocation) -> None:
    """Print what was found; the exit code says whether all would go well."""
    values, url = call.values, call.one("repository")
    revision, pull = values.text("revision"), values.text("pull")
    if bool(revision) == bool(pull):
        raise UsageError("either --revision or --pull is needed")
    if pull and not pull.isdecimal():
        raise UsageError(f'--pull is the number of a request and not "{pull}"')
    revisions = [revision] if revision else [each.format(pull) for each in PULLS]
    with connect(values) as client:
        answer = _asked(client, url, revisions, values.text("target"))
    report = msgspec.convert(answer["report"], Report)
    _print(report, answer, values)
    if not answer.get("fine"):
        raise EndedError(1)


def _asked(client: Client, url: str, revisions: list[str], target: str) -> Document:
    for place, revision in enumerate(revisions):
        try:
            return client.connections.change(url, revision=revision, target=target)
        except RefusedError as error:
            if _UNKNOWN not in error.message or place + 1 == len(revisions):
                raise
    raise AssertionError("unreachable")


def _print(report: Report, answer: Document, values: Values) -> None:
    form = values.text("output")
    if form in ("json", "yaml"):
        document.show(answer, form)
    elif form == "markdown":
        from fairlead.previews.markdown import Dialect, comment

        print(comment(report, Dialect(limit=MARKDOWN)))
    else:
        from fairlead.previews.plain import lines

        for line in lines(report, with_diffs=not values.switch("no-diff")):
            print(line)
