"""`app logs`: what the pods of an application say."""

import time
from typing import Any

from fairlead.cli import terminal
from fairlead.cli.app.flags import NAMESPACE, PROJECT, one_app
from fairlead.cli.command import Command, Invocation, Values, number, switch, text
from fairlead.cli.connection import connect
from fairlead.cli.errors import OutcomeError, RefusedError, UnreachableError

ATTEMPTS = 5
"""How often a stream that broke off is opened again."""
PAUSE = 1.0
"""Seconds before that, more with each failure: a server that begins anew takes some."""


def run(call: Invocation) -> None:
    """Print lines until the stream ends, which with --follow it does not."""
    values, app = call.values, one_app(call)
    query = _query(values)
    with connect(values) as client:
        failures = 0
        while True:
            try:
                for entry in client.applications.logs(app, query, project=values.text("project")):
                    failures = 0
                    if entry.get("last"):
                        return
                    if entry.get("timeStampStr"):
                        query["sinceTime"] = entry["timeStampStr"]
                    _say(entry, values)
            except (RefusedError, UnreachableError) as error:
                failures += 1
                if not values.switch("follow") or failures >= ATTEMPTS:
                    raise OutcomeError(f"stream read failed: {error}") from error
                time.sleep(PAUSE * failures)
                continue
            if not values.switch("follow"):
                return
            time.sleep(PAUSE)
            query.pop("tailLines", None)


def _say(entry: dict[str, Any], values: Values) -> None:
    words = str(entry.get("content") or "")
    prefix = f"{entry['podName']} " if entry.get("podName") and values.switch("prefix") else ""
    print(f"{prefix}{terminal.neutral(words)}", flush=True)


def _query(values: Values) -> dict[str, Any]:
    texts = {
        "container": "container",
        "group": "group",
        "kind": "kind",
        "name": "resourceName",
        "namespace": "namespace",
        "filter": "filter",
        "until-time": "untilTime",
    }
    found: dict[str, Any] = {key: values.text(flag) for flag, key in texts.items()}
    for flag, key in (("tail", "tailLines"), ("since-seconds", "sinceSeconds")):
        found[key] = values.number(flag) or ""
    for flag, key in (("follow", "follow"), ("previous", "previous"), ("match-case", "matchCase")):
        found[key] = "true" if values.switch(flag) else ""
    return found


COMMAND = Command(
    usage="APPNAME",
    about="Print what the pods of an application say.",
    run=run,
    flags=(
        NAMESPACE,
        PROJECT,
        text("group", "API group of the object whose pods are meant."),
        text("kind", "Kind of the object whose pods are meant."),
        text("name", "Name of the object whose pods are meant."),
        text("namespace", "Namespace of the object whose pods are meant."),
        text("container", "Container, all otherwise.", short="c"),
        switch("follow", "Go on with what they say from now on.", short="f"),
        number("tail", "Only so many lines of each from the end."),
        number("since-seconds", "Only what is not older."),
        text("until-time", "Only what is older than this instant."),
        text("filter", "Only lines that hold this text; with ! before it, only those that do not."),
        switch("match-case", "Tell capital letters apart.", short="m"),
        switch("previous", "What the container said that ran before.", short="p"),
        switch("prefix", "Begin each line with the name of its pod."),
    ),
    examples=("app logs web", "app logs web --kind Deployment --name web -f --tail 20"),
)
