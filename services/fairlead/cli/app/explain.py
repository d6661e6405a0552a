"""`app explain`: why an application is as it is, and what it waits for, in sentences.

Everything is read from what the server shows to everybody who may see the application; nothing is guessed: a
sentence names the object, the condition or the setting that it comes from.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from fairlead.cli.app import show
from fairlead.cli.app.flags import DOCUMENT_FORMS, NAMESPACE, PROJECT, one_app
from fairlead.cli.client import Document
from fairlead.cli.command import Command, Invocation, output
from fairlead.cli.connection import connect
from fairlead.cli.view import document
from fairlead.model.application import Application
from fairlead.model.status import ConditionType, SyncCode

FIELDS = 5
"""How many different fields of an object are named."""
SHOWN = 60
"""Characters of a value."""
SETTLED = frozenset({"Succeeded", "Failed", "Error"})


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Sentences, by what they explain; `objects` are the differences as data."""

    sync: str
    health: str
    differences: list[str] = []
    waiting: list[str] = []
    problems: list[str] = []
    objects: list[Document] = []


def run(call: Invocation) -> None:
    """Ask, and print."""
    values, app = call.values, one_app(call)
    project = values.text("project")
    with connect(values) as client:
        read = show.model(client.applications.get(app, project=project))
        found = client.applications.explained(app, project=project)
        windows = client.applications.sync_windows(app, project=project)
    told = explained(read, found, windows)
    if values.text("output") in DOCUMENT_FORMS:
        document.show(told, values.text("output"))
        return
    print(f"{read.id.qualified} is {told.sync} and {told.health}.")
    for title, lines in (
        ("What differs", told.differences),
        ("What it waits for", told.waiting),
        ("What is wrong", told.problems),
    ):
        if lines:
            print(f"\n{title}:")
            print("".join(f"- {line}\n" for line in lines), end="")


def explained(app: Application, found: Document, windows: Document) -> Explanation:
    """The sentences about an application, its objects and its project's windows."""
    items = found.get("items") or []
    return Explanation(
        sync=app.status.sync.status.value or "not compared yet",
        health=app.status.health.status.value or "of unknown health",
        differences=[*(line for item in items for line in _difference(item)), *_others(found)],
        waiting=list(_waiting(app, windows)),
        problems=list(_problems(app)),
        objects=items,
    )


def _others(found: Document) -> Iterator[str]:
    if found.get("more"):
        yield f"{found['more']} more objects differ"


def _difference(item: Document) -> Iterator[str]:
    name, reason = _name(item), item.get("reason")
    if reason == "missing":
        yield f"{name} is missing in the cluster"
    elif reason == "extra":
        yield f"{name} is no longer in Git and waits to be pruned"
    elif reason == "unknown":
        yield f"{name} could not be compared: {item.get('problem') or 'the cluster cannot be read'}"
    else:
        found = item.get("differences") or []
        more = (
            f"\n    and in {len(found) - FIELDS} more fields (-o json shows all)"
            if len(found) > FIELDS
            else ""
        )
        fields = "".join(f"\n    {_field(each)}" for each in found[:FIELDS])
        yield f"{name} differs" + (f":{fields}{more}" if fields else " in what the server does not show")


def _field(found: Document) -> str:
    values = f"Git says {_shown(found.get('desired'))}, the cluster has {_shown(found.get('live'))}"
    return f"{found['path']}: {values}{_owner(found)}{_rule(found.get('rule'))}"


def _owner(found: Document) -> str:
    if not found.get("manager"):
        return ""
    place = f" of {found['subresource']}" if found.get("subresource") else ""
    since = f" since {found['since']}" if found.get("since") else ""
    return f"\n      owned by {found['manager']} ({found.get('operation', '')}{place}){since}"


def _rule(rule: Document | None) -> str:
    """The rule as it stands in `ignoreDifferences`, on one line of YAML's flow style."""
    if not rule:
        return ""
    from fairlead.cli.view.yaml_text import as_line

    return f"\n      to leave it out: {as_line(rule)}"


def _shown(text: Any) -> str:
    if not text:
        return "nothing"
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _waiting(app: Application, windows: Document) -> Iterator[str]:
    state = app.status.operation_state
    if app.operation is not None and (state is None or state.phase.value in SETTLED):
        yield "an operation was asked for and has not begun"
    if state is not None and state.phase.value not in SETTLED:
        yield f"the operation that began {state.started_at} runs: {state.message or state.phase.value}"
        for result in state.sync_result.resources if state.sync_result is not None else ():
            if result.hook_phase.value == "Running":
                words = f": {result.message}" if result.message else ""
                yield f"{result.kind} {result.namespace}/{result.name} has to become ready{words}"
    yield from (one.message for one in app.status.conditions if one.type == ConditionType.DEPENDENCY_INFO)
    if app.status.sync.status is not SyncCode.OUT_OF_SYNC:
        return
    policy = app.spec.sync_policy
    if policy is None or not policy.is_automated:
        yield f"somebody to sync it: automated sync is off (`app sync {app.metadata.name}`)"
    if windows.get("canSync") is False:
        active = windows.get("activeWindows") or windows.get("assignedWindows") or []
        named = ", ".join(f"{w.get('kind')} {w.get('schedule')} for {w.get('duration')}" for w in active)
        yield f"a sync window: syncing is not allowed now ({named or 'see `proj windows list`'})"


def _problems(app: Application) -> Iterator[str]:
    for condition in app.status.conditions:
        if condition.type == ConditionType.DEPENDENCY_INFO:
            continue
        yield f"{condition.type}: {condition.message}"
    state = app.status.operation_state
    if state is not None and state.phase.value in ("Failed", "Error"):
        yield f"the last operation ended in {state.phase.value}: {state.message}"
    for resource in app.status.resources:
        health = resource.health
        if health is not None and health.status.value in ("Degraded", "Missing", "Unknown"):
            words = f": {health.message}" if health.message else ""
            yield f"{resource.kind} {resource.namespace}/{resource.name} is {health.status.value}{words}"


def _name(item: Document) -> str:
    namespace = f"{item['namespace']}/" if item.get("namespace") else ""
    return f"{item.get('kind', '')} {namespace}{item.get('name', '')}"


COMMAND = Command(
    usage="APPNAME",
    about="Say in sentences why an application is as it is, and what it waits for: each field that differs, "
    "who owns it in the cluster since when, and the rule of ignoreDifferences that would leave it out.",
    run=run,
    flags=(NAMESPACE, PROJECT, output("wide", *DOCUMENT_FORMS)),
    examples=("app explain web", "app explain web -o json"),
)
