"""`app list`: applications at a glance."""

from collections import Counter
from typing import Any

from fairlead.cli.app import show
from fairlead.cli.app.flags import DOCUMENT_FORMS, NAMESPACE, SELECTOR
from fairlead.cli.command import Command, Invocation, many, output, text
from fairlead.cli.connection import connect
from fairlead.cli.view import document
from fairlead.cli.view.columns import columns
from fairlead.cli.view.summary import policy_word
from fairlead.model.application import Application

HEADER = (
    "NAME",
    "CLUSTER",
    "NAMESPACE",
    "PROJECT",
    "STATUS",
    "HEALTH",
    "SYNCPOLICY",
    "CONDITIONS",
    "REPO",
    "PATH",
    "TARGET",
)


def run(call: Invocation) -> None:
    """List those that the flags mean."""
    values = call.values
    with connect(values) as client:
        found = client.applications.list_all(
            selector=values.text("selector"),
            projects=values.many("project"),
            namespace=values.text("app-namespace"),
            repo=values.text("repo"),
        )
    cluster = values.text("cluster")
    if cluster:
        found = [app for app in found if cluster in _destination(app)]
    path = values.text("path")
    if path:
        found = [app for app in found if path in _paths(app)]
    form = values.text("output")
    if form in DOCUMENT_FORMS:
        document.show(found, form)
        return
    read = [show.model(app) for app in found]
    if form == "name":
        print("".join(f"{app.id.qualified}\n" for app in read), end="")
    else:
        print(columns([HEADER, *map(_row, read)]), end="")


def _paths(app: dict[str, Any]) -> list[str]:
    spec = app.get("spec", {})
    sources = spec.get("sources") or [spec.get("source") or {}]
    return [str(source.get("path") or "") for source in sources]


def _destination(app: dict[str, dict[str, dict[str, str]]]) -> tuple[str, ...]:
    destination = app.get("spec", {}).get("destination", {})
    return (destination.get("server", ""), destination.get("name", ""))


def _row(app: Application) -> tuple[str, ...]:
    spec, status = app.spec, app.status
    sources = spec.effective_sources()
    source = sources[0] if sources else None
    return (
        app.id.qualified,
        spec.destination.server or spec.destination.name,
        spec.destination.namespace,
        spec.project or "default",
        status.sync.status.value,
        status.health.status.value,
        policy_word(app),
        _conditions(app),
        source.repo_url if source else "",
        (source.path or source.chart) if source else "",
        source.target_revision if source else "",
    )


def _conditions(app: Application) -> str:
    counts = Counter(condition.type for condition in app.status.conditions)
    words = [f"{kind}({count})" if count > 1 else kind for kind, count in counts.items()]
    return ",".join(words) or "<none>"


COMMAND = Command(
    usage="",
    about="List applications.",
    run=run,
    flags=(
        NAMESPACE,
        SELECTOR,
        many("project", "Only those in this project.", short="p"),
        text("repo", "Only those from this repository.", short="r"),
        text("path", "Only those from this folder.", short="P"),
        text("cluster", "Only those on this cluster, by name or server.", short="c"),
        output("wide", "name", *DOCUMENT_FORMS),
    ),
    examples=("app list", "app list -l team=web -o name", "app list -p shop -o json"),
)
